import { useEffect, useState } from "react"

export type Selection = {
  ids: ReadonlySet<number>
  /** Everything that the filter finds, also on other pages. */
  everything: boolean
  count: number
  has: (id: number) => boolean
  toggle: (id: number) => void
  togglePage: () => void
  pageState: "none" | "some" | "all"
  selectEverything: () => void
  clear: () => void
}

/** Which rows of a list are chosen. A new filter or page begins with none, so that nothing unseen is acted on. */
export function useSelection(pageIds: number[], total: number, listKey: string): Selection {
  const [ids, setIds] = useState<ReadonlySet<number>>(new Set())
  const [everything, setEverything] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins anew with each list
  useEffect(() => {
    setIds(new Set())
    setEverything(false)
  }, [listKey])
  const here = pageIds.filter((id) => ids.has(id)).length
  const all = pageIds.length > 0 && here === pageIds.length
  return {
    ids,
    everything,
    count: everything ? total : ids.size,
    has: (id) => everything || ids.has(id),
    toggle: (id) => {
      const next = new Set(everything ? pageIds : ids)
      if (!next.delete(id)) next.add(id)
      setEverything(false)
      setIds(next)
    },
    togglePage: () => {
      setEverything(false)
      setIds(all || everything ? new Set() : new Set(pageIds))
    },
    pageState: everything || all ? "all" : here > 0 ? "some" : "none",
    selectEverything: () => setEverything(true),
    clear: () => {
      setEverything(false)
      setIds(new Set())
    },
  }
}

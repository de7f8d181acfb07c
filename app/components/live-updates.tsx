import { useFetcher } from "@remix-run/react"
import { useCallback, useEffect, useRef } from "react"
import { type LiveChange, useLive } from "#app/lib/live.ts"
import { useT } from "#app/lib/strings/use-t.ts"
import type { loader as namesLoader } from "#app/routes/_app.miner-names.ts"
import { cx } from "#app/ui/class-names.ts"
import { Icon } from "#app/ui/icon.tsx"
import { useToast } from "#app/ui/toast.tsx"

/** Keeps the page fresh, says when machines go or come back, and shows how it knows. */
export function LiveUpdates() {
  const t = useT()
  const toast = useToast()
  const names = useFetcher<typeof namesLoader>()
  const load = names.load
  const asked = useRef(0)
  const onChange = useCallback(
    ({ change, minerIds }: LiveChange) => {
      asked.current += 1
      const only = minerIds.length === 1 ? `&id=${minerIds[0]}` : ""
      load(`/miner-names?change=${change}&count=${minerIds.length}${only}&asked=${asked.current}`)
    },
    [load],
  )
  const state = useLive(onChange)
  const said = names.data
  const told = useRef(0)
  useEffect(() => {
    // The page reads this again with everything else; it is told once.
    if (!said || said.count === 0 || said.asked <= told.current) return
    told.current = said.asked
    const words = { count: said.count, name: said.name ?? "" }
    const gone = said.change === "offline"
    toast({
      text: gone ? t("shell.live.offline", words) : t("shell.live.online", words),
      tone: gone ? "bad" : "ok",
      href: said.minerId ? `/miners/${said.minerId}` : `/miners?status=${gone ? "offline" : "online"}`,
      linkText: t("shell.live.show"),
    })
  }, [said, toast, t])
  return (
    <span
      className={cx("inline-flex items-center gap-1 text-xs", state === "live" ? "text-muted" : "text-warn")}
      title={state === "live" ? t("shell.live.onHint") : t("shell.live.pollingHint")}
    >
      <Icon name={state === "live" ? "live" : "clock"} />
      {state === "live"
        ? t("shell.live.on")
        : state === "polling"
          ? t("shell.live.polling")
          : t("shell.live.off")}
    </span>
  )
}

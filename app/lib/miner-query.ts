import { MINER_SORTS, MINER_STATUS_FILTERS, type MinerSort } from "#server/contract/miner-list.ts"
import type { MinerFilterInput } from "#server/fleet/miner-filter.ts"

/** The list of machines as its address holds it. What cannot be right is left out rather than refused. */
const HEALTHS = ["healthy", "warning", "critical", "offline"] as const

/** `?q=&site=&status=&model=&make=&place=&tag=&owner=&health=&collector=` */
export function minerFilterOf(search: URLSearchParams): MinerFilterInput {
  const text = (name: string) => search.get(name)?.trim() || undefined
  const owner = text("owner")
  const deviceId = positive(text("collector"))
  const filter = {
    q: text("q")?.slice(0, 200),
    siteSlug: text("site")?.slice(0, 64),
    status: MINER_STATUS_FILTERS.find((status) => status === text("status")),
    model: text("model")?.slice(0, 128),
    make: text("make")?.slice(0, 128),
    place: text("place")?.slice(0, 128),
    tag: text("tag")?.slice(0, 64),
    owner: owner === "none" ? ("none" as const) : positive(owner),
    health: HEALTHS.find((health) => health === text("health")),
    deviceId,
  }
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}

/** `?sort=&dir=&page=` besides. */
export function minerOrderOf(search: URLSearchParams): {
  sort: MinerSort
  dir: "asc" | "desc"
  page: number
} {
  return {
    sort: MINER_SORTS.find((sort) => sort === search.get("sort")) ?? "name",
    dir: search.get("dir") === "desc" ? "desc" : "asc",
    page: positive(search.get("page") ?? undefined) ?? 1,
  }
}

/** The filters of an address alone, for "all that match": without order and page. */
export function filterStringOf(search: URLSearchParams): string {
  const kept = new URLSearchParams(search)
  for (const name of ["sort", "dir", "page"]) kept.delete(name)
  return kept.toString()
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text)
  return text && Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : undefined
}

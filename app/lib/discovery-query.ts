import { DISCOVERED_STATES, type DiscoveredState } from "#server/contract/discovery.ts"

/** What the address of the inbox says; what cannot be right is left out. `site` is a slug. */
export type DiscoveryQuery = {
  site: string | undefined
  deviceId: number | undefined
  scanId: string | undefined
  state: DiscoveredState | undefined
  family: string | undefined
  moved: boolean
  q: string | undefined
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Without a state the new ones are meant, unless a scan or moved machines are looked at. */
export function discoveryQueryOf(search: URLSearchParams): DiscoveryQuery {
  const given = (name: string) => search.get(name)?.trim() || undefined
  const scan = given("scan")
  const moved = search.get("moved") === "1"
  const asked = given("state")
  const state = DISCOVERED_STATES.find((one) => one === asked)
  const scanId = scan !== undefined && UUID.test(scan) ? scan : undefined
  return {
    site: given("site"),
    deviceId: positive(given("collector")),
    scanId,
    state: state ?? (asked === "all" || scanId !== undefined || moved ? undefined : "new"),
    family: given("family")?.slice(0, 64),
    moved,
    q: given("q")?.slice(0, 200),
  }
}

/** The same as a query string without page: what "all found" means when it is sent with a form. */
export function filterOf(search: URLSearchParams): string {
  const kept = new URLSearchParams()
  for (const name of ["site", "collector", "scan", "state", "family", "moved", "q"]) {
    const value = search.get(name)
    if (value) kept.set(name, value)
  }
  return kept.toString()
}

/** The address with one thing changed, on its first page; null takes it off. */
export function withQuery(search: URLSearchParams, changes: Record<string, string | null>): string {
  const next = new URLSearchParams(search)
  for (const [name, value] of Object.entries({ page: null, decision: null, ...changes }))
    if (value === null) next.delete(name)
    else next.set(name, value)
  const text = next.toString()
  return text ? `/discovery?${text}` : "/discovery"
}

export function positive(text: string | undefined): number | undefined {
  return text && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}

export function uuidOf(text: string | null | undefined): string | null {
  return text && UUID.test(text) ? text : null
}

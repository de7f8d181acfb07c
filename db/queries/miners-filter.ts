import { type SQL, sql } from "drizzle-orm"
import { instant } from "./miner-status.ts"
import { intArray, type Scope } from "./scope.ts"

/** Filters of the list of machines, as its URL holds them. `none` stands for machines without the thing. */
export const MINER_STATUS_FILTERS = [
  "active",
  "online",
  "offline",
  "unknown",
  "hot",
  "sleeping",
  "unhealthy",
  "stale",
  "spare",
  "retired",
  "all",
] as const
export type MinerStatusFilter = (typeof MINER_STATUS_FILTERS)[number]

export type MinerFilter = {
  siteId?: number | undefined
  q?: string | undefined
  status?: MinerStatusFilter | undefined
  model?: string | undefined
  make?: string | undefined
  place?: string | undefined
  tag?: string | undefined
  owner?: number | "none" | undefined
  health?: "healthy" | "warning" | "critical" | "offline" | undefined
  deviceId?: number | undefined
}

/**
 * Conditions on `minerFacts`. Conditions of state (online, hot, …) and totals speak of active machines; without a
 * status filter a list shows active and spare ones; `all` also the retired.
 */
export function minerWhere(scope: Scope, filter: MinerFilter, at: Date): SQL {
  const parts: SQL[] = [STATUS_WHERE[filter.status ?? "present"]]
  if (filter.siteId !== undefined) parts.push(sql`f.site_id = ${filter.siteId}`)
  if (filter.make !== undefined) parts.push(equalsOrNone(sql`f.make`, filter.make))
  if (filter.model !== undefined) parts.push(equalsOrNone(sql`f.model`, filter.model))
  if (filter.place !== undefined) parts.push(equalsOrNone(sql`f.place`, filter.place))
  if (filter.tag !== undefined) parts.push(sql`f.tags @> array[${filter.tag}]::text[]`)
  if (filter.health !== undefined) parts.push(sql`f.health = ${filter.health}`)
  if (filter.deviceId !== undefined) parts.push(sql`f.device_id = ${filter.deviceId}`)
  if (filter.owner !== undefined) parts.push(ownerWhere(filter.owner, at))
  for (const word of searchWords(filter.q)) parts.push(wordWhere(scope, filter, word, at))
  return sql.join(parts, sql` and `)
}

const STATUS_WHERE: Record<MinerStatusFilter | "present", SQL> = {
  present: sql`f.state <> 'retired'`,
  active: sql`f.state = 'active'`,
  online: sql`f.state = 'active' and f.status = 'online'`,
  offline: sql`f.state = 'active' and f.status = 'offline'`,
  unknown: sql`f.state = 'active' and f.status = 'unknown'`,
  hot: sql`f.state = 'active' and f.hot`,
  sleeping: sql`f.state = 'active' and f.sleeping`,
  unhealthy: sql`f.state = 'active' and f.status = 'online' and f.health <> 'healthy'`,
  stale: sql`f.state = 'active' and f.stale`,
  spare: sql`f.state = 'spare'`,
  retired: sql`f.state = 'retired'`,
  all: sql`true`,
}

function equalsOrNone(column: SQL, value: string): SQL {
  return value === "none" ? sql`(${column} is null or ${column} = 'none')` : sql`${column} = ${value}`
}

function ownerWhere(owner: number | "none", at: Date): SQL {
  const current = sql`um.site_id = f.site_id and um.miner_id = f.id
    and um.from_at <= ${instant(at)} and (um.to_at is null or um.to_at > ${instant(at)})`
  return owner === "none"
    ? sql`not exists (select 1 from user_miners um where ${current})`
    : sql`exists (select 1 from user_miners um where ${current} and um.user_id = ${owner})`
}

/** Several words must all match. */
export function searchWords(q: string | undefined): string[] {
  return (q ?? "").toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8)
}

/**
 * A word may stand in the machine's own text, in its worker's name or in its owner's name or address. A union of
 * three, each with an index of its own, where an OR would read every machine.
 */
function wordWhere(scope: Scope, filter: MinerFilter, word: string, at: Date): SQL {
  const patterns = textArray(spellings(word).map((spelling) => `%${escapeLike(spelling)}%`))
  const here = (siteId: SQL) => {
    if (filter.siteId !== undefined) return sql`${siteId} = ${filter.siteId}`
    return scope.kind === "all" ? sql`true` : sql`${siteId} = any(${intArray(scope.siteIds)})`
  }
  const own = sql`select x.site_id, x.id from hosting_miners x
    where ${here(sql`x.site_id`)} and x.search_text like any(${patterns})`
  // A client's worker is shown only for samples of his time, so it is matched on what he may see.
  if (scope.kind === "owned")
    return sql`(lower(f.worker_name) like any(${patterns}) or f.search_text like any(${patterns}))`
  const worker = sql`select x.site_id, x.miner_id from miner_telemetry_live x
    where ${here(sql`x.site_id`)} and lower(x.worker_name) like any(${patterns})`
  const owner = sql`select um.site_id, um.miner_id from user_miners um join user_access u on u.id = um.user_id
    where ${here(sql`um.site_id`)} and um.from_at <= ${instant(at)} and (um.to_at is null or um.to_at > ${instant(at)})
      and (lower(u.name) like any(${patterns}) or lower(u.email) like any(${patterns}))`
  return sql`(f.site_id, f.id) in (${own} union all ${worker} union all ${owner})`
}

/** A MAC address is found however it is written. */
function spellings(word: string): string[] {
  if (!/^[0-9a-f]{2}([:-]?[0-9a-f]{2}){3,5}$/.test(word)) return [word]
  const pairs = word.replace(/[:-]/g, "").match(/../g) ?? []
  return [...new Set([word, pairs.join(":"), pairs.join("-"), pairs.join("")])]
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (sign) => `\\${sign}`)
}

function textArray(values: string[]): SQL {
  return sql`array[${sql.join(
    values.map((value) => sql`${value}`),
    sql`, `,
  )}]::text[]`
}

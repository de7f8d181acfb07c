import { type SQL, sql } from "drizzle-orm"
import type { MinerStatusFilter } from "#server/contract/miner-list.ts"
import { instant } from "./miner-status.ts"
import { intArray, type Scope } from "./scope.ts"

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
  /** There are few machines to look at: search reads them all, where the indexes of search pay only from many on. */
  few?: boolean | undefined
}

/**
 * A filter as conditions: `machine` on `hosting_miners m`, for `minerFacts` to narrow by; `condition` on its rows `f`,
 * null when it does not matter; `costly`: finding them takes more than an index. Conditions of state (online, hot, …) and totals speak of active machines; without a
 * status filter a list shows active and spare ones; `all` also the retired.
 */
export function minerWhere(
  scope: Scope,
  filter: MinerFilter,
  at: Date,
): { machine: SQL; condition: SQL | null; costly: boolean } {
  const status = filter.status ?? "present"
  const machine: SQL[] = [STATE_WHERE[status] ?? sql`m.state = 'active'`]
  const condition: SQL[] = []
  const ofStatus = CONDITION_WHERE[status]
  if (ofStatus) condition.push(ofStatus)
  if (filter.siteId !== undefined) machine.push(sql`m.site_id = ${filter.siteId}`)
  if (filter.make !== undefined) machine.push(equalsOrNone(sql`m.make`, filter.make))
  if (filter.model !== undefined) machine.push(equalsOrNone(sql`m.model`, filter.model))
  if (filter.place !== undefined) machine.push(equalsOrNone(sql`m.place`, filter.place))
  if (filter.tag !== undefined) machine.push(sql`m.tags @> array[${filter.tag}]::text[]`)
  if (filter.deviceId !== undefined) machine.push(sql`m.device_id = ${filter.deviceId}`)
  if (filter.owner !== undefined) machine.push(ownerWhere(filter.owner, at))
  if (filter.health !== undefined) condition.push(sql`f.health = ${filter.health}`)
  const words = searchWords(filter.q)
  for (const word of words)
    if (scope.kind === "owned") condition.push(wordOfClient(word))
    else machine.push(wordWhere(scope, filter, word, at))
  return {
    machine: sql.join(machine, sql` and `),
    condition: condition.length > 0 ? sql.join(condition, sql` and `) : null,
    costly: words.length > 0,
  }
}

/** By the state that people gave; every other status speaks of active machines. */
const STATE_WHERE: Partial<Record<MinerStatusFilter | "present", SQL>> = {
  present: sql`m.state <> 'retired'`,
  needs_login: sql`m.state = 'active' and exists (
    select 1 from miner_login_refusals lr where lr.site_id = m.site_id and lr.miner_id = m.id)`,
  spare: sql`m.state = 'spare'`,
  retired: sql`m.state = 'retired'`,
  all: sql`true`,
}

/** The thermal guard holds it. */
const isHeld = sql`exists (select 1 from thermal_holds th where th.site_id = f.site_id and th.miner_id = f.id)`

const CONDITION_WHERE: Partial<Record<MinerStatusFilter | "present", SQL>> = {
  online: sql`f.is_online`,
  offline: sql`not f.is_online and not f.is_unknown`,
  unknown: sql`f.is_unknown`,
  hot: sql`f.hot`,
  sleeping: sql`f.sleeping`,
  unhealthy: sql`f.unhealthy`,
  held: isHeld,
  stale: sql`f.stale`,
}

function equalsOrNone(column: SQL, value: string): SQL {
  return value === "none" ? sql`(${column} is null or ${column} = 'none')` : sql`${column} = ${value}`
}

function ownerWhere(owner: number | "none", at: Date): SQL {
  const current = sql`um.site_id = m.site_id and um.miner_id = m.id
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
 * A word may stand in the machine's own text, in its worker's name or in its owner's name or address. Among many
 * machines it is a union of three, each with an index of its own; among few each is read and the others looked at
 * only when its own text does not hold the word.
 */
function wordWhere(scope: Scope, filter: MinerFilter, word: string, at: Date): SQL {
  const like = (text: SQL) => likeAny(text, word)
  const here = (siteId: SQL) => {
    if (filter.siteId !== undefined) return sql`${siteId} = ${filter.siteId}`
    return scope.kind === "all" ? sql`true` : sql`${siteId} = any(${intArray(scope.siteIds)})`
  }
  const own = sql`select x.site_id, x.id from hosting_miners x where ${here(sql`x.site_id`)} and ${like(sql`x.search_text`)}`
  const others = sql`
    select x.site_id, x.miner_id from miner_telemetry_live x
      where ${here(sql`x.site_id`)} and ${like(sql`lower(x.worker_name)`)}
    union all
    select um.site_id, um.miner_id from user_miners um join user_access u on u.id = um.user_id
      where ${here(sql`um.site_id`)} and um.from_at <= ${instant(at)} and (um.to_at is null or um.to_at > ${instant(at)})
        and (${like(sql`lower(u.name)`)} or ${like(sql`lower(u.email)`)})`
  if (filter.few) return sql`(${like(sql`m.search_text`)} or (m.site_id, m.id) in (${others}))`
  return sql`(m.site_id, m.id) in (${own} union all ${others})`
}

/** A client has few machines and no business with owners; of workers he sees those of his own time. */
function wordOfClient(word: string): SQL {
  return sql`(${likeAny(sql`f.search_text`, word)} or ${likeAny(sql`lower(f.worker_name)`, word)})`
}

/** True when the text holds the word, in any of its spellings. */
function likeAny(text: SQL, word: string): SQL {
  const parts = spellings(word).map((spelling) => sql`${text} like ${`%${escapeLike(spelling)}%`}`)
  return sql`(${sql.join(parts, sql` or `)})`
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

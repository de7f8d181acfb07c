import { type SQL, sql } from "drizzle-orm"
import type { DiscoveredState } from "#server/contract/discovery.ts"
import type { Executor } from "../client.ts"
import { intArray, type Scope, siteInScope } from "./scope.ts"

/** The inbox of found machines: what pages show of it, and what is decided about it. */
export type DiscoveredFilter = {
  siteId?: number | undefined
  deviceId?: number | undefined
  scanId?: string | undefined
  state?: DiscoveredState | undefined
  family?: string | undefined
  /** Known machines that answer at another address than the one where they are read. */
  moved?: boolean | undefined
  needsLogin?: boolean | undefined
  /** Part of address, make, model, firmware, MAC or serial. */
  q?: string | undefined
}

export type DiscoveredRow = {
  id: number
  siteId: number
  siteSlug: string
  siteName: string
  timezone: string
  deviceId: number
  deviceName: string
  address: string
  addressNumber: number
  rpcPort: number
  webPort: number
  ports: number[]
  family: string
  make: string | null
  model: string | null
  firmware: string | null
  firmwareVersion: string | null
  mac: string | null
  serial: string | null
  confidence: number
  evidence: string[]
  needsLogin: boolean
  state: DiscoveredState
  movedFrom: string | null
  /** The machine of the list that it is. */
  miner: { id: number; name: string } | null
  firstSeenAt: Date
  lastSeenAt: Date
  decidedAt: Date | null
  decidedByName: string | null
  decisionId: string | null
}

const like = (text: string) => `%${text.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`

function matching(scope: Scope, filter: DiscoveredFilter): SQL {
  const where = [siteInScope(scope, sql`d.site_id`)]
  if (filter.siteId !== undefined) where.push(sql`d.site_id = ${filter.siteId}`)
  if (filter.deviceId !== undefined) where.push(sql`d.device_id = ${filter.deviceId}`)
  if (filter.scanId !== undefined)
    where.push(sql`exists (select 1 from discovery_findings f
      where f.scan_id = ${filter.scanId}::uuid and f.discovered_id = d.id)`)
  if (filter.state !== undefined) where.push(sql`d.state = ${filter.state}`)
  if (filter.family !== undefined) where.push(sql`d.family = ${filter.family}`)
  if (filter.moved) where.push(sql`d.moved_from is not null`)
  if (filter.needsLogin) where.push(sql`d.needs_login`)
  if (filter.q)
    where.push(sql`lower(concat_ws(' ', d.address, d.family, d.make, d.model, d.firmware, d.firmware_version, d.mac, d.serial))
      like ${like(filter.q)}`)
  return sql.join(where, sql` and `)
}

export async function selectDiscoveredPage(
  db: Executor,
  scope: Scope,
  filter: DiscoveredFilter,
  page: { limit: number; offset: number },
): Promise<DiscoveredRow[]> {
  return db.execute<DiscoveredRow>(sql`
    select d.id, d.site_id as "siteId", s.slug as "siteSlug", s.name as "siteName", s.timezone,
      d.device_id as "deviceId", e.name as "deviceName", d.address, d.address_number::float8 as "addressNumber",
      d.rpc_port as "rpcPort", d.web_port as "webPort", d.ports, d.family, d.make, d.model, d.firmware,
      d.firmware_version as "firmwareVersion", d.mac, d.serial, d.confidence, d.evidence, d.needs_login as "needsLogin",
      d.state, d.moved_from as "movedFrom",
      case when m.id is not null then jsonb_build_object('id', m.id, 'name', coalesce(m.label, m.miner_id)) end as miner,
      d.first_seen_at as "firstSeenAt", d.last_seen_at as "lastSeenAt", d.decided_at as "decidedAt",
      u.name as "decidedByName", d.decision_id as "decisionId"
    from (
      select * from discovered_miners d where ${matching(scope, filter)}
      order by d.site_id, d.address_number, d.rpc_port, d.id limit ${page.limit} offset ${page.offset}
    ) d
    join hosting_sites s on s.id = d.site_id
    join edge_devices e on e.id = d.device_id
    left join lateral (
      select m.id, m.label, m.miner_id from hosting_miners m
      where m.site_id = d.site_id and (m.id = d.miner_id
        or m.miner_key in (lower(d.serial), lower(d.mac)))
      order by m.id = d.miner_id desc nulls last limit 1
    ) m on true
    left join user_access u on u.id = d.decided_by
    order by d.site_id, d.address_number, d.rpc_port, d.id`)
}

/** How many there are in each state, and of which families, whatever `filter.state` says. */
export async function countDiscovered(
  db: Executor,
  scope: Scope,
  filter: DiscoveredFilter,
): Promise<{ states: Record<DiscoveredState, number>; moved: number; families: string[] }> {
  const rows = await db.execute<{ state: DiscoveredState; count: number; moved: number }>(sql`
    select d.state, count(*)::int as count, count(d.moved_from)::int as moved
    from discovered_miners d where ${matching(scope, { ...filter, state: undefined })} group by d.state`)
  const families = await db.execute<{ family: string }>(sql`
    select distinct d.family from discovered_miners d
    where ${matching(scope, { siteId: filter.siteId, deviceId: filter.deviceId, scanId: filter.scanId })} order by 1`)
  const states: Record<DiscoveredState, number> = { new: 0, accepted: 0, ignored: 0, known: 0, gone: 0 }
  for (const row of rows) states[row.state] = row.count
  return {
    states,
    moved: rows.reduce((sum, row) => sum + row.moved, 0),
    families: families.map((row) => row.family),
  }
}

/** As many as the filter finds; ids and what a decision needs, held against other changes when `lock`. */
export type Decidable = {
  id: number
  siteId: number
  deviceId: number
  address: string
  addressNumber: number
  rpcPort: number
  webPort: number
  state: DiscoveredState
  minerId: number | null
  movedFrom: string | null
}

export async function selectDecidable(
  tx: Executor,
  scope: Scope,
  which: { ids: readonly number[] } | { filter: DiscoveredFilter } | { decisionId: string },
  lock = false,
): Promise<Decidable[]> {
  const where =
    "ids" in which
      ? sql`${siteInScope(scope, sql`d.site_id`)} and d.id = any(${intArray(which.ids)})`
      : "decisionId" in which
        ? sql`${siteInScope(scope, sql`d.site_id`)} and d.decision_id = ${which.decisionId}::uuid`
        : matching(scope, which.filter)
  return tx.execute<Decidable>(sql`
    select d.id, d.site_id as "siteId", d.device_id as "deviceId", d.address, d.address_number::float8 as "addressNumber",
      d.rpc_port as "rpcPort", d.web_port as "webPort", d.state, d.miner_id as "minerId", d.moved_from as "movedFrom"
    from discovered_miners d where ${where} order by d.id ${lock ? sql`for update` : sql``}`)
}

/** Addresses of a device's ignored machines: no target may take them in by the way. */
export async function selectIgnoredAddresses(tx: Executor, deviceId: number): Promise<Set<number>> {
  const rows = await tx.execute<{ n: number }>(sql`
    select address_number::float8 as n from discovered_miners where device_id = ${deviceId} and state = 'ignored'`)
  return new Set(rows.map((row) => row.n))
}

export type Decision = {
  id: number
  state: DiscoveredState
  targetId: number | null
}

/** Writes what was decided about rows; `state_before` is what they were. */
export async function decideRows(
  tx: Executor,
  decisions: readonly Decision[],
  by: { userId: number | null; at: Date; decisionId: string },
): Promise<void> {
  await tx.execute(sql`
    update discovered_miners d set state_before = d.state, state = c.state, target_id = c."targetId",
      decided_by = ${by.userId}, decided_at = ${by.at.toISOString()}::timestamptz, decision_id = ${by.decisionId}::uuid
    from jsonb_to_recordset(${JSON.stringify(decisions)}::jsonb) as c(id int, state text, "targetId" int)
    where d.id = c.id`)
}

/** Takes a decision back; returns the targets that it had made. */
export async function undoRows(
  tx: Executor,
  siteId: number,
  decisionId: string,
): Promise<{ rows: number; targetIds: number[] }> {
  const rows = await tx.execute<{ targetId: number | null }>(sql`
    update discovered_miners d set state = coalesce(d.state_before, 'new'), state_before = null, target_id = null,
      decided_by = null, decided_at = null, decision_id = null
    from (select id, target_id from discovered_miners
      where site_id = ${siteId} and decision_id = ${decisionId}::uuid for update) o
    where d.id = o.id returning o.target_id as "targetId"`)
  const targetIds = rows.map((row) => row.targetId).filter((id): id is number => id !== null)
  return { rows: rows.length, targetIds: [...new Set(targetIds)] }
}

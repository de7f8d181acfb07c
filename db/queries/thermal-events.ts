import { type SQL, sql } from "drizzle-orm"
import type { ThermalAction, ThermalEvent, ThermalEventKind } from "#server/contract/thermal.ts"
import type { Executor } from "../client.ts"
import { storableJson } from "./commands-edge.ts"
import { instant, ownedThen } from "./miner-status.ts"
import { minerInScope, type Scope, siteInScope } from "./scope.ts"

export type StoredThermalEvent = {
  eventId: string
  kind: ThermalEventKind
  action: ThermalAction | null
  /** The edge's name of the machine. */
  minerName: string
  minerId: number | null
  temperatureC: number | null
  message: string
  at: Date
}

/**
 * Stores a collector's events, each id once, and returns those that are new, in their order. A machine of which no sample
 * has arrived is named only; `nameThermalMiners` finds it later. A clock that runs ahead, or is years behind, gets ours.
 */
export async function insertThermalEvents(
  executor: Executor,
  device: { siteId: number; deviceId: number },
  events: readonly ThermalEvent[],
  at: Date,
): Promise<StoredThermalEvent[]> {
  const rows = await executor.execute<StoredThermalEvent>(sql`
    with told as (
      select e.value ->> 'event_id' as event_id, e.value ->> 'miner_id' as miner_id, e.value ->> 'kind' as kind,
        e.value ->> 'action' as action, (e.value ->> 'temperature_c')::real as temperature_c,
        (e.value ->> 'threshold_c')::real as threshold_c, e.value ->> 'message' as message,
        (e.value ->> 'at')::timestamptz as at, e.place
      from jsonb_array_elements(${storableJson(events)}::jsonb) with ordinality as e(value, place)
    ), stored as (
      insert into thermal_events (event_id, site_id, device_id, miner_id, miner_key, kind, action, temperature_c,
        threshold_c, message, at, received_at)
      select t.event_id::uuid, ${device.siteId}::int, ${device.deviceId}::int, m.id, lower(t.miner_id), t.kind, t.action,
        t.temperature_c, t.threshold_c, t.message,
        case when t.at > ${instant(at)} + interval '5 minutes' or t.at < ${instant(at)} - interval '1 year'
          then ${instant(at)} else t.at end, ${instant(at)}
      from told t left join hosting_miners m on m.site_id = ${device.siteId} and m.miner_key = lower(t.miner_id)
      order by t.place
      on conflict (event_id) do nothing
      returning event_id, seq, miner_id, miner_key, kind, action, temperature_c, message, at
    )
    select event_id as "eventId", kind, action, miner_key as "minerName", miner_id as "minerId",
      temperature_c as "temperatureC", message, at
    from stored order by seq`)
  return [...rows]
}

/** An event of the server's own; its id is made from `key`, so that the same thing is told once. False: it was. */
export async function insertOwnThermalEvent(
  executor: Executor,
  event: {
    key: string
    siteId: number
    deviceId: number | null
    kind: "guard_silent" | "unguarded"
    temperatureC: number | null
    thresholdC: number | null
    message: string
    at: Date
  },
): Promise<boolean> {
  const rows = await executor.execute(sql`
    insert into thermal_events (event_id, site_id, device_id, kind, temperature_c, threshold_c, message, at, received_at)
    values (md5(${`${event.kind} ${event.key}`})::uuid, ${event.siteId}, ${event.deviceId}, ${event.kind},
      ${event.temperatureC}, ${event.thresholdC}, ${event.message}, ${instant(event.at)}, ${instant(event.at)})
    on conflict (event_id) do nothing returning 1`)
  return rows.length === 1
}

export type ThermalEventRow = {
  eventId: string
  siteId: number
  kind: ThermalEventKind
  action: ThermalAction | null
  temperatureC: number | null
  thresholdC: number | null
  message: string
  at: Date
  receivedAt: Date
  miner: { id: number | null; name: string } | null
}

/**
 * Events of a scope, newest first, at most `limit`, with how many there are in all. A client is told of his machines
 * only, within the dates of his ownership.
 */
export async function selectThermalEvents(
  db: Executor,
  scope: Scope,
  filter: { siteId: number; minerId?: number | undefined; limit: number; offset?: number | undefined },
  at: Date,
): Promise<{ rows: ThermalEventRow[]; total: number }> {
  const where: SQL[] = [
    sql`e.site_id = ${filter.siteId}`,
    scope.kind === "owned"
      ? sql`e.miner_id is not null and ${minerInScope(scope, sql`e.site_id`, sql`e.miner_id`, at)}
          and ${ownedThen(scope, sql`e.site_id`, sql`e.miner_id`, sql`e.at`)}`
      : siteInScope(scope, sql`e.site_id`),
  ]
  if (filter.minerId !== undefined) where.push(sql`e.miner_id = ${filter.minerId}`)
  const rows = await db.execute<
    Omit<ThermalEventRow, "miner"> & { minerId: number | null; minerName: string | null; total: number }
  >(sql`
    select e.event_id as "eventId", e.site_id as "siteId", e.kind, e.action, e.temperature_c::float8 as "temperatureC",
      e.threshold_c::float8 as "thresholdC", e.message, e.at, e.received_at as "receivedAt", e.miner_id as "minerId",
      coalesce(m.label, m.miner_id, e.miner_key) as "minerName", e.total
    from (
      select e.*, count(*) over ()::int as total from thermal_events e
      where ${sql.join(where, sql` and `)}
      order by e.at desc, e.seq desc limit ${filter.limit} offset ${filter.offset ?? 0}
    ) e
    left join hosting_miners m on m.site_id = e.site_id and m.id = e.miner_id
    order by e.at desc, e.seq desc`)
  return {
    rows: rows.map(({ minerId, minerName, total: _, ...row }) => ({
      ...row,
      miner: minerName === null ? null : { id: minerId, name: minerName },
    })),
    total: rows[0]?.total ?? 0,
  }
}

/** Events that came before the first sample of their machine find it. Returns how many. */
export async function nameThermalMiners(executor: Executor): Promise<number> {
  const rows = await executor.execute(sql`
    update thermal_events e set miner_id = m.id from hosting_miners m
    where e.miner_id is null and e.miner_key is not null and m.site_id = e.site_id and m.miner_key = e.miner_key
    returning 1`)
  return rows.length
}

const KEPT = sql.raw("interval '400 days'")

export async function pruneThermalEvents(executor: Executor, at: Date): Promise<number> {
  const rows = await executor.execute(
    sql`delete from thermal_events where at < ${instant(at)} - ${KEPT} returning 1`,
  )
  return rows.length
}

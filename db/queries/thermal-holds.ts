import { sql } from "drizzle-orm"
import type { ThermalAction, ThermalHold } from "#server/contract/thermal.ts"
import type { Executor } from "../client.ts"
import { collectorIsSilent, instant } from "./miner-status.ts"
import { minerInScope, type Scope } from "./scope.ts"

/**
 * Makes a device's holds what it told: the machines (ids) whose hold came, went or changed. A machine of which no
 * sample has arrived yet is left out until the next telling.
 */
export async function replaceThermalHolds(
  executor: Executor,
  device: { siteId: number; deviceId: number },
  holds: readonly ThermalHold[],
  at: Date,
): Promise<number[]> {
  const rows = await executor.execute<{ id: number }>(sql`
    with told as (
      select distinct on (m.id) m.id, (h.value ->> 'since')::timestamptz as since,
        (h.value ->> 'temperature_c')::real as temperature_c, (h.value ->> 'threshold_c')::real as threshold_c,
        coalesce((select array_agg(a.value order by a.place)
          from jsonb_array_elements_text(h.value -> 'actions') with ordinality as a(value, place)), '{}') as actions
      from jsonb_array_elements(${JSON.stringify(holds)}::jsonb) as h(value)
      join hosting_miners m on m.site_id = ${device.siteId} and m.miner_key = lower(h.value ->> 'miner_id')
      order by m.id
    ), gone as (
      delete from thermal_holds h where h.site_id = ${device.siteId} and h.device_id = ${device.deviceId}
        and not exists (select 1 from told t where t.id = h.miner_id)
      returning h.miner_id
    ), stored as (
      insert into thermal_holds as h (site_id, miner_id, device_id, since, temperature_c, threshold_c, actions, told_at)
      select ${device.siteId}::int, t.id, ${device.deviceId}::int, t.since, t.temperature_c, t.threshold_c, t.actions,
        ${instant(at)} from told t
      on conflict (site_id, miner_id) do update set device_id = excluded.device_id, since = excluded.since,
        temperature_c = excluded.temperature_c, threshold_c = excluded.threshold_c, actions = excluded.actions,
        told_at = excluded.told_at
        where (h.device_id, h.since, h.actions) is distinct from (excluded.device_id, excluded.since, excluded.actions)
      returning h.miner_id
    )
    select miner_id as id from gone union select miner_id from stored order by 1`)
  return rows.map((row) => row.id)
}

/** Of collectors that were revoked: nobody knows any more. */
export async function dropHoldsOfRevoked(executor: Executor): Promise<number> {
  const rows = await executor.execute(sql`
    delete from thermal_holds h using edge_devices d
    where d.id = h.device_id and d.revoked_at is not null returning 1`)
  return rows.length
}

export type ThermalHoldRow = {
  siteId: number
  minerId: number
  name: string
  since: Date
  temperatureC: number | null
  thresholdC: number | null
  actions: ThermalAction[]
  /** Its collector is silent: the hold is as it was told last. */
  unsure: boolean
}

/** Machines of a scope that are held, the longest first, at most `limit`, with how many there are in all. */
export async function selectThermalHolds(
  db: Executor,
  scope: Scope,
  filter: { siteId: number; minerId?: number | undefined; limit: number },
  at: Date,
): Promise<{ rows: ThermalHoldRow[]; total: number }> {
  const rows = await db.execute<ThermalHoldRow & { total: number }>(sql`
    select h.site_id as "siteId", h.miner_id as "minerId", coalesce(m.label, m.miner_id) as name, h.since,
      h.temperature_c::float8 as "temperatureC", h.threshold_c::float8 as "thresholdC", h.actions,
      ${collectorIsSilent(at)} as unsure, count(*) over ()::int as total
    from thermal_holds h
    join hosting_miners m on m.site_id = h.site_id and m.id = h.miner_id
    left join edge_devices d on d.id = h.device_id
    where h.site_id = ${filter.siteId} and ${minerInScope(scope, sql`h.site_id`, sql`h.miner_id`, at)}
      and ${filter.minerId === undefined ? sql`true` : sql`h.miner_id = ${filter.minerId}`}
    order by h.since, h.miner_id limit ${filter.limit}`)
  return { rows: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 }
}

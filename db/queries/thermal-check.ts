import { sql } from "drizzle-orm"
import type { BoardSample } from "#server/contract/telemetry.ts"
import type { ThermalAction } from "#server/contract/thermal.ts"
import type { Executor } from "../client.ts"
import { collectorIsSilent, instant } from "./miner-status.ts"

/** The newest reading of a machine that is online, as far as heat is judged by it. */
export type HeatRow = {
  minerId: number
  name: string
  temperature_max: number | null
  temperature_chips: (number | null)[] | null
  boards: BoardSample[] | null
  fan_speeds: (number | null)[] | null
  mining: boolean | null
  power_mode: "eco" | "normal" | "high" | "sleep" | null
  collectedAt: Date
  /** What the guard has done to it; null: it does not hold it. */
  held: ThermalAction[] | null
  heldSince: Date | null
  /** What the machine's driver says of a feature: null it can, a text why not; the whole null: not told. */
  features: Record<string, string | null> | null
}

/** Active machines of a site that are online and fresh, with what their driver can do. The caller has checked the site. */
export async function selectHeatRows(db: Executor, siteId: number, at: Date): Promise<HeatRow[]> {
  const rows = await db.execute<HeatRow>(sql`
    select m.id as "minerId", coalesce(m.label, m.miner_id) as name, t.temperature_max::float8 as temperature_max,
      t.temperature_chips::float8[] as temperature_chips, t.boards, t.fan_speeds, t.mining, t.power_mode,
      t.collected_at as "collectedAt", h.actions as held, h.since as "heldSince", c.features
    from hosting_miners m
    join hosting_sites s on s.id = m.site_id
    join miner_telemetry_live t on t.site_id = m.site_id and t.miner_id = m.id
    join edge_devices d on d.id = m.device_id
    left join thermal_holds h on h.site_id = m.site_id and h.miner_id = m.id
    left join miner_capabilities c on c.site_id = m.site_id and c.make = coalesce(m.make, '')
      and c.model = coalesce(m.model, '') and c.firmware = coalesce(m.firmware, '')
      and c.firmware_version = coalesce(m.firmware_version, '')
    where m.site_id = ${siteId} and m.state = 'active' and t.online and t.offline_since is null
      and not ${collectorIsSilent(at)}
      and t.collected_at >= ${instant(at)} - greatest(2 * s.poll_interval_s, 30) * interval '1 second'
    order by m.id`)
  return [...rows]
}

export type UnguardedSite = {
  siteId: number
  machines: number
  hottestC: number
  criticalC: number
}

/** Sites without an armed guard where a machine is at or over critical by its newest reading. */
export async function selectUnguardedSites(db: Executor, at: Date): Promise<UnguardedSite[]> {
  const rows = await db.execute<UnguardedSite>(sql`
    select t.site_id as "siteId", count(*)::int as machines, max(t.temperature_max)::float8 as "hottestC",
      coalesce(c.critical_c, s.chip_critical_c)::float8 as "criticalC"
    from miner_telemetry_live t
    join hosting_sites s on s.id = t.site_id and s.archived_at is null
    left join thermal_protection_config c on c.site_id = s.id
    join hosting_miners m on m.site_id = t.site_id and m.id = t.miner_id and m.state = 'active'
    where not coalesce(c.armed, false) and t.online and t.offline_since is null
      and t.temperature_max >= coalesce(c.critical_c, s.chip_critical_c)
      and t.collected_at >= ${instant(at)} - greatest(2 * s.poll_interval_s, 30) * interval '1 second'
    group by t.site_id, coalesce(c.critical_c, s.chip_critical_c) order by t.site_id`)
  return [...rows]
}

export type SilentGuard = { siteId: number; deviceId: number; name: string; since: Date }

/** Collectors of armed sites that are silent. */
export async function selectSilentGuards(db: Executor): Promise<SilentGuard[]> {
  const rows = await db.execute<SilentGuard>(sql`
    select d.site_id as "siteId", d.id as "deviceId", d.name, d.silent_since as since
    from edge_devices d
    join thermal_protection_config c on c.site_id = d.site_id and c.armed
    join hosting_sites s on s.id = d.site_id and s.archived_at is null
    where d.silent_since is not null and d.revoked_at is null order by d.id`)
  return [...rows]
}

import { sql } from "drizzle-orm"
import { COLLECTOR_SILENT_MS, OFFLINE_AFTER_MISSES, POLL_BUDGET_MS } from "#server/contract/budgets.ts"
import type { Transaction } from "../client.ts"
import { collectorIsSilent, instant } from "./miner-status.ts"

const seconds = (ms: number) => sql.raw(`interval '${ms / 1000} seconds'`)

export type SilentCollector = { deviceId: number; siteId: number; name: string }

/**
 * Marks collectors without a sign of life for 90 s as silent since their last one, and tells it. Revoked ones are left
 * alone. Rows that another transaction holds (a heartbeat, the other worker) are left to it.
 */
export async function markSilentCollectors(tx: Transaction, at: Date): Promise<SilentCollector[]> {
  const rows = await tx.execute<SilentCollector>(sql`
    with quiet as (
      select d.id from edge_devices d
      where d.silent_since is null and d.revoked_at is null
        and coalesce(d.last_seen_at, d.enrolled_at) < ${instant(at)} - ${seconds(COLLECTOR_SILENT_MS)}
      order by d.id for update skip locked
    ), silent as (
      update edge_devices d set silent_since = coalesce(d.last_seen_at, d.enrolled_at)
      from quiet where d.id = quiet.id
      returning d.id, d.site_id, d.name
    ), told as (
      insert into fleet_events (site_id, device_id, kind, severity, message, at)
      select site_id, id, 'collector_silent', 'critical',
        'Collector ' || name || ' is silent: its machines are unknown until it is back.', ${instant(at)}
      from silent
    )
    select id as "deviceId", site_id as "siteId", name from silent order by site_id, id`)
  return [...rows]
}

export type MissingMiner = { siteId: number; minerId: number; active: boolean }

/**
 * Marks machines offline whose third interval has gone by without a sample, the time one poll may take included, at
 * collectors that were heard all that while. Only active machines are told as an event. Rows that ingest or the other
 * worker holds are left to it, so that nobody waits and nothing is told twice.
 */
export async function markMissingMiners(tx: Transaction, at: Date): Promise<MissingMiner[]> {
  const intervals = sql`${OFFLINE_AFTER_MISSES}::int * s.poll_interval_s * interval '1 second'`
  const limit = sql`(${instant(at)} - ${intervals} - ${seconds(POLL_BUDGET_MS)})`
  const rows = await tx.execute<MissingMiner>(sql`
    with missing as (
      select t.site_id, t.miner_id, m.device_id, m.state, s.poll_interval_s, t.collected_at + ${intervals} as since
      from miner_telemetry_live t
      join hosting_miners m on m.site_id = t.site_id and m.id = t.miner_id
      join hosting_sites s on s.id = t.site_id
      join edge_devices d on d.id = m.device_id
      where t.offline_since is null and s.archived_at is null and d.revoked_at is null
        and not ${collectorIsSilent(at)}
        and t.collected_at < ${limit} and coalesce(d.alive_since, d.enrolled_at) < ${limit}
      order by t.site_id, t.miner_id
      for update of t skip locked
    ), gone as (
      update miner_telemetry_live t set offline_since = missing.since
      from missing where t.site_id = missing.site_id and t.miner_id = missing.miner_id
      returning t.site_id, t.miner_id, missing.device_id, missing.state, missing.poll_interval_s
    ), told as (
      insert into fleet_events (site_id, miner_id, device_id, kind, severity, message, at)
      select site_id, miner_id, device_id, 'miner_offline', 'critical',
        'No sample in ${sql.raw(String(OFFLINE_AFTER_MISSES))} intervals of ' || poll_interval_s || ' s.', ${instant(at)}
      from gone where state = 'active'
    )
    select site_id as "siteId", miner_id as "minerId", state = 'active' as active from gone order by site_id, miner_id`)
  return [...rows]
}

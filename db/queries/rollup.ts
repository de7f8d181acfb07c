import type { Sql, SqlTransaction } from "../client.ts"

/** A five-minute bucket of a site whose samples changed since it was last rolled up. */
export type PendingBucket = { siteId: number; bucketAt: Date }

/** Marked buckets that began before `before`, oldest first. */
export async function listPending(sql: Sql, before: Date): Promise<PendingBucket[]> {
  return sql<PendingBucket[]>`
    select site_id as "siteId", bucket_at as "bucketAt" from rollup_pending
    where bucket_at < ${before} order by bucket_at, site_id`
}

/** True when no other worker rolls up this site now; holds to the end of the transaction. */
export async function lockSiteRollup(tx: SqlTransaction, siteId: number): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtext('telemetry.rollup'), ${siteId}) as locked`
  return row?.locked ?? false
}

/**
 * The mark as it stands (null: another worker was faster) and whether its samples are still there: raw partitions are
 * dropped whole, so a bucket has all of its samples or none.
 */
export async function readMark(
  tx: SqlTransaction,
  bucket: PendingBucket,
): Promise<{ touchedAt: string; hasRaw: boolean } | null> {
  const [row] = await tx<{ touchedAt: string; hasRaw: boolean }[]>`
    select touched_at::text as "touchedAt",
      to_regclass('telemetry_raw_24h_' || to_char(bucket_at at time zone 'UTC', 'YYYYMMDD"h"HH24')) is not null as "hasRaw"
    from rollup_pending where site_id = ${bucket.siteId} and bucket_at = ${bucket.bucketAt}`
  return row ?? null
}

/** Removes a mark, unless the bucket was touched again since it was read. */
export async function removeMark(
  tx: SqlTransaction,
  bucket: PendingBucket,
  touchedAt: string,
): Promise<void> {
  await tx`delete from rollup_pending
    where site_id = ${bucket.siteId} and bucket_at = ${bucket.bucketAt} and touched_at = ${touchedAt}::text::timestamptz`
}

/** A literal: the planner sees which partition the bucket lies in. */
function bounds(bucket: PendingBucket): { from: string; to: string; at: string } {
  const literal = (ms: number) => `timestamptz '${new Date(ms).toISOString()}'`
  const from = bucket.bucketAt.getTime()
  return { from: literal(from), to: literal(from + 300_000), at: literal(from) }
}

/** Computes the bucket of every machine from its samples. Never writes fewer samples than a bucket has. */
export async function rollUpMiners(tx: SqlTransaction, bucket: PendingBucket): Promise<void> {
  const { from, to, at } = bounds(bucket)
  await tx.unsafe(`
    with raw as materialized (
      select *, coalesce(hashrate_5s_ghs, hashrate_ghs) as rate,
        case when fan_speeds is not null then (select avg(rpm) from unnest(fan_speeds) rpm) end as fan
      from telemetry_raw_24h
      where site_id = ${bucket.siteId} and collected_at >= ${from} and collected_at < ${to}
    ), last as (
      select distinct on (miner_id) miner_id, accepted_shares, rejected_shares, stale_shares, hardware_errors,
        uptime_seconds, overall_health
      from raw order by miner_id, collected_at desc
    ), bucket as (
      select miner_id, count(*) as samples, count(*) filter (where online) as samples_online,
        count(*) filter (where mining) as samples_mining,
        avg(rate) as hashrate_ghs, min(rate) as hashrate_min_ghs, max(rate) as hashrate_max_ghs,
        avg(hashrate_expected_ghs) as hashrate_expected_ghs, avg(temperature_avg) as temperature_avg,
        min(temperature_min) as temperature_min, max(temperature_max) as temperature_max,
        avg(temperature_inlet) as temperature_inlet, avg(temperature_outlet) as temperature_outlet,
        avg(fan) as fan_speed, avg(frequency_avg) as frequency_avg, avg(voltage_avg) as voltage_avg,
        avg(power_consumption) as power_consumption, max(power_consumption) as power_max,
        avg(efficiency) as efficiency, avg(pool_latency_ms) as pool_latency_ms, avg(latency_ms) as latency_ms
      from raw group by miner_id
    )
    insert into miner_telemetry_history as history (site_id, miner_id, bucket_at, ${MINER_VALUES.join(", ")})
    select ${bucket.siteId}, miner_id, ${at}, ${MINER_VALUES.join(", ")}
    from bucket join last using (miner_id) order by miner_id
    on conflict (site_id, miner_id, bucket_at) do update set
      ${MINER_VALUES.map((name) => `${name} = excluded.${name}`).join(", ")}
    where excluded.samples >= history.samples`)
}
const MINER_VALUES = [
  "samples",
  "samples_online",
  "samples_mining",
  "hashrate_ghs",
  "hashrate_min_ghs",
  "hashrate_max_ghs",
  "hashrate_expected_ghs",
  "temperature_avg",
  "temperature_min",
  "temperature_max",
  "temperature_inlet",
  "temperature_outlet",
  "fan_speed",
  "frequency_avg",
  "voltage_avg",
  "power_consumption",
  "power_max",
  "efficiency",
  "pool_latency_ms",
  "latency_ms",
  "accepted_shares",
  "rejected_shares",
  "stale_shares",
  "hardware_errors",
  "uptime_seconds",
  "overall_health",
]

/** Computes the bucket of every board. Chips and health are those of its last sample, by the contract's `boardHealth`. */
export async function rollUpBoards(tx: SqlTransaction, bucket: PendingBucket): Promise<void> {
  const { from, to, at } = bounds(bucket)
  await tx.unsafe(`
    with board as (
      select r.miner_id, b.board, count(*) as samples, avg(b.hashrate_ghs) as hashrate_ghs, avg(b.temp) as temp,
        max(b.temp_chip_max) as temp_chip_max, avg(b.frequency) as frequency, avg(b.voltage) as voltage,
        (array_agg(b.chips_ok order by r.collected_at desc))[1] as chips_ok,
        (array_agg(b.chips_total order by r.collected_at desc))[1] as chips_total
      from telemetry_raw_24h r
      cross join lateral unnest(r.board_ids, r.board_hashrate_ghs, r.board_temp, r.board_temp_chip_max,
          r.board_frequency, r.board_voltage, r.board_chips_ok, r.board_chips_total)
        as b(board, hashrate_ghs, temp, temp_chip_max, frequency, voltage, chips_ok, chips_total)
      where r.site_id = ${bucket.siteId} and r.collected_at >= ${from} and r.collected_at < ${to}
        and b.board is not null
      group by r.miner_id, b.board
    )
    insert into miner_board_telemetry as history (site_id, miner_id, bucket_at, board, ${BOARD_VALUES.join(", ")})
    select ${bucket.siteId}, miner_id, ${at}, board, samples, hashrate_ghs, temp, temp_chip_max, frequency, voltage,
      chips_ok, chips_total,
      case when chips_ok is null then null when chips_ok = 0 then 3 when coalesce(chips_total, 0) <= 0 then null
        when chips_ok >= chips_total then 0 when chips_ok >= chips_total * 0.95 then 1 else 2 end
    from board order by miner_id, board
    on conflict (site_id, miner_id, bucket_at, board) do update set
      ${BOARD_VALUES.map((name) => `${name} = excluded.${name}`).join(", ")}
    where excluded.samples >= history.samples`)
}
const BOARD_VALUES = [
  "samples",
  "hashrate_ghs",
  "temp",
  "temp_chip_max",
  "frequency",
  "voltage",
  "chips_ok",
  "chips_total",
  "health",
]

/**
 * Computes the totals of a site from the buckets of its machines: retired ones are left out, and uptime counts the
 * active ones.
 */
export async function rollUpSite(tx: SqlTransaction, bucket: PendingBucket): Promise<void> {
  await tx`
    insert into site_telemetry_history (site_id, bucket_at, miners, miners_online, hashrate_ghs,
      hashrate_expected_ghs, power_consumption, temperature_max, samples, samples_online)
    select ${bucket.siteId}, ${bucket.bucketAt}, count(*), count(*) filter (where h.samples_online > 0),
      sum(h.hashrate_ghs::float8), sum(h.hashrate_expected_ghs::float8), sum(h.power_consumption::float8),
      max(h.temperature_max),
      coalesce(sum(h.samples) filter (where m.state = 'active'), 0),
      coalesce(sum(h.samples_online) filter (where m.state = 'active'), 0)
    from miner_telemetry_history h
    join hosting_miners m on m.site_id = h.site_id and m.id = h.miner_id and m.state <> 'retired'
    where h.site_id = ${bucket.siteId} and h.bucket_at = ${bucket.bucketAt}
    on conflict (site_id, bucket_at) do update set
      miners = excluded.miners, miners_online = excluded.miners_online, hashrate_ghs = excluded.hashrate_ghs,
      hashrate_expected_ghs = excluded.hashrate_expected_ghs, power_consumption = excluded.power_consumption,
      temperature_max = excluded.temperature_max, samples = excluded.samples, samples_online = excluded.samples_online`
}

/** Adds up the day (in the site's zone) that a bucket lies in. */
export async function rollUpUptime(tx: SqlTransaction, bucket: PendingBucket): Promise<void> {
  await tx`
    with day as (
      select s.id as site_id, (${bucket.bucketAt}::timestamptz at time zone s.timezone)::date as day, s.timezone
      from hosting_sites s where s.id = ${bucket.siteId}
    )
    insert into site_uptime_daily (site_id, day, samples, samples_online)
    select day.site_id, day.day, sum(h.samples), sum(h.samples_online)
    from day join site_telemetry_history h on h.site_id = day.site_id
      and h.bucket_at >= day.day::timestamp at time zone day.timezone
      and h.bucket_at < (day.day + 1)::timestamp at time zone day.timezone
    group by day.site_id, day.day
    on conflict (site_id, day) do update set samples = excluded.samples, samples_online = excluded.samples_online`
}

/** Instants from which raw samples still wait for the roll-up; null when none do. */
export async function oldestPending(sql: Sql): Promise<Date | null> {
  const [row] = await sql<{ at: Date | null }[]>`select min(bucket_at) as at from rollup_pending`
  return row?.at ?? null
}

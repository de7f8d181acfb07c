import { randomUUID } from "node:crypto"
import type { Sql } from "#db/client.ts"
import { ensurePartitions } from "#db/partitions.ts"
import { rollUpOwners } from "#db/queries/owner-history.ts"

export type PageDataOptions = {
  /** Machines, spread over the sites evenly. */
  miners: number
  /** Hours of 5-minute history, of machines and of boards. */
  hours: number
  sites?: number
  clients?: number
  /** Minutes of raw samples at the end, one a minute. */
  rawMinutes?: number
  /** History of boards is the largest part by far; 0 leaves it out. */
  boards?: number
  now?: Date
}

export type PageData = {
  siteIds: number[]
  siteSlugs: string[]
  /** Each owns an equal part of three quarters of the machines. */
  clientIds: number[]
  minerIds: number[]
}

/**
 * Fills a migrated database with a farm at work, for benchmarks of pages: machines of six models in containers and racks
 * with live samples, history, owners, commands and events. Set-based, and the same at every run but for ids. Of
 * every 100 machines about 2 are offline, 2 asleep, 2 hot, 2 unhealthy, 1 spare, 1 retired.
 */
export async function fillPageData(sql: Sql, options: PageDataOptions): Promise<PageData> {
  const now = options.now ?? new Date()
  const { miners, hours, sites = 2, clients = 8, rawMinutes = 10, boards = 3 } = options
  const run = randomUUID().slice(0, 8)
  await ensurePartitions(sql, now)
  const made = await sql<{ id: number; slug: string }[]>`
    insert into hosting_sites (slug, name, location, timezone, status_page_enabled, client_commands_allowed)
    select 'bench-' || ${run}::text || '-' || n, 'Bench site ' || n, 'Hall ' || n, 'Europe/Oslo', true, true
    from generate_series(1, ${sites}::int) n returning id, slug`
  const siteIds = made.map((site) => site.id)
  await fillDevices(sql, siteIds, now)
  const minerIds = await fillMiners(sql, siteIds, miners, now)
  await fillLive(sql, siteIds, now)
  const clientIds = await fillClients(sql, siteIds, clients, run, now)
  if (hours > 0) await fillHistory(sql, siteIds, hours, boards, now)
  if (rawMinutes > 0) await fillRaw(sql, siteIds, rawMinutes, now)
  await fillCommands(sql, siteIds, now)
  await fillEvents(sql, siteIds, now)
  await sql`vacuum (analyze) hosting_miners, miner_telemetry_live, miner_telemetry_history, miner_board_telemetry,
    telemetry_raw_24h, user_miners, remote_commands, remote_command_results, fleet_events, site_telemetry_history,
    owner_telemetry_history`
  return { siteIds, siteSlugs: made.map((site) => site.slug), clientIds, minerIds }
}

/** Four collectors a site. Their last sign of life is far ahead, so that none falls silent during a benchmark. */
async function fillDevices(sql: Sql, siteIds: number[], now: Date): Promise<void> {
  await sql`
    insert into edge_devices (site_id, name, instance_id, edge_version, last_seen_at, miners_known, miners_online, spool)
    select s, 'collector ' || n, gen_random_uuid(), '1.0.0', ${now}::timestamptz + interval '2 hours', 0, 0,
      '{"batches":0,"samples":0,"bytes":0,"oldest_at":null,"dropped_samples":0,"quarantined_samples":0}'
    from unnest(${siteIds}::int[]) s, generate_series(1, 4) n`
}

async function fillMiners(sql: Sql, siteIds: number[], miners: number, now: Date): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    with device as (
      select id, site_id, row_number() over (partition by site_id order by id) - 1 as slot
      from edge_devices where site_id = any(${siteIds}::int[])
    ), machine as (
      select n, (${siteIds}::int[])[1 + n % ${siteIds.length}::int] as site_id, n / ${siteIds.length}::int as k
      from generate_series(0, ${miners - 1}::int) n
    )
    insert into hosting_miners (site_id, miner_id, device_id, ip_address, make, model, firmware, firmware_version, mac,
      serial, label, place, tags, state, first_seen_at)
    select m.site_id, 'SMTTYRHBDJAAI' || lpad(to_hex(n), 6, '0'), d.id,
      '10.' || k / 62500 || '.' || k / 250 % 250 || '.' || 1 + k % 250,
      (array['Bitmain','Bitmain','Bitmain','MicroBT','MicroBT','Canaan'])[1 + k % 6],
      (array['Antminer S19 Pro','Antminer S19j Pro','Antminer S21','WhatsMiner M50','WhatsMiner M60S','Avalon A1466'])[1 + k % 6],
      'stock', '2024.' || 1 + k % 12,
      'c8:36:a3:' || substr(lpad(to_hex(n), 6, '0'), 1, 2) || ':' || substr(lpad(to_hex(n), 6, '0'), 3, 2) || ':' || substr(lpad(to_hex(n), 6, '0'), 5, 2),
      'SMTTYRHBDJAAI' || lpad(to_hex(n), 6, '0'),
      case when k % 10 <> 9 then 'C' || lpad((k / 500)::text, 3, '0') || '-' || lpad((k % 500)::text, 3, '0') end,
      'container ' || k / 500 || ' rack ' || k % 500 / 50,
      case k % 7 when 0 then array['warranty'] when 1 then array['hydro', 'pilot'] else '{}'::text[] end,
      case when k % 100 = 50 then 'spare' when k % 100 = 51 then 'retired' else 'active' end,
      ${now}::timestamptz - interval '90 days'
    from machine m join device d on d.site_id = m.site_id and d.slot = k % 4
    returning id`
  return rows.map((row) => row.id)
}

/** A sample a machine, stamped a little ahead so that it stays fresh for as long as a benchmark runs. */
async function fillLive(sql: Sql, siteIds: number[], now: Date): Promise<void> {
  await sql`
    insert into miner_telemetry_live (site_id, miner_id, collected_at, received_at, online, misses, offline_since, mining,
      hashrate_ghs, hashrate_5s_ghs, hashrate_expected_ghs, temperature_avg, temperature_min, temperature_max,
      temperature_chips, temperature_inlet, temperature_outlet, fan_speeds, frequency_avg, voltage_avg, accepted_shares,
      rejected_shares, stale_shares, hardware_errors, uptime_seconds, power_consumption, power_estimated, efficiency,
      power_mode, pool_url, worker_name, pool_latency_ms, pools, boards, boards_total, boards_healthy, overall_health, latency_ms)
    select m.site_id, m.id, ${now}::timestamptz + interval '1 hour', ${now}, not off,
      case when off then 3 else 0 end, case when off then ${now}::timestamptz - interval '20 minutes' end, not off and not asleep,
      rate, rate * (0.98 + k % 5 / 100.0), expected, 62, 55, case when hot then 88 else 70 + k % 10 end,
      array[60, 61, 62, 63, 64, 65]::real[], 24, 38, array[5400, 5460, 5520, 5580], 545, 13.2, 100000 + k, k % 50, k % 9, k % 200,
      86400 + k, case when off then null when asleep then 40 else 3250 + k % 100 end, k % 6 > 2, 29.5,
      'normal', 'stratum+tcp://pool.example.com:3333', 'farm' || m.site_id || '.rig' || lpad(k::text, 6, '0'), 20 + k % 30,
      jsonb_build_array(
        jsonb_build_object('url', 'stratum+tcp://pool.example.com:3333', 'user', 'farm.rig' || k, 'status', 'Alive', 'active', true),
        jsonb_build_object('url', 'stratum+tcp://backup.example.com:3333', 'user', 'farm.rig' || k, 'status', 'Alive', 'active', false)),
      (select jsonb_agg(jsonb_build_object('id', b, 'hashrate', rate / 3, 'temp', 62.5, 'temp_chip_max', 70, 'frequency', 545,
        'voltage', 13.2, 'chips_ok', 114, 'chips_total', 114, 'serial', 'BRD' || m.id || '-' || b)) from generate_series(0, 2) b),
      3, case when sick then 2 else 3 end,
      case when off then 'offline' when sick then 'critical' when hot then 'warning' else 'healthy' end, 35 + k % 40
    from (
      select m.*, case when k % 50 = 7 then null when k % 50 = 13 then 0 else 95000.0 + k % 9000 end::float8 as rate,
        case when k % 50 = 7 then null else 104000 end::float8 as expected,
        k % 50 = 7 as off, k % 50 = 13 as asleep, k % 50 = 21 as hot, k % 50 = 33 as sick
      from (select m.site_id, m.id, row_number() over (partition by m.site_id order by m.id)::int as k
        from hosting_miners m where m.site_id = any(${siteIds}::int[])) m
    ) m
    order by m.site_id, m.id`
}

async function fillClients(
  sql: Sql,
  siteIds: number[],
  clients: number,
  run: string,
  now: Date,
): Promise<number[]> {
  const made = await sql<{ id: number }[]>`
    insert into user_access (email, name, kind)
    select 'client' || n || '-' || ${run}::text || '@bench.test', 'Client ' || n || ' Holdings', 'client'
    from generate_series(1, ${clients}::int) n returning id`
  const ids = made.map((client) => client.id)
  if (ids.length === 0) return ids
  await sql`
    insert into user_miners (site_id, miner_id, user_id, from_at)
    select site_id, id, (${ids}::int[])[1 + k % ${ids.length}::int], ${now}::timestamptz - interval '60 days'
    from (select site_id, id, row_number() over (partition by site_id order by id)::int as k
      from hosting_miners where site_id = any(${siteIds}::int[])) m
    where k % 4 <> 3`
  return ids
}

async function fillHistory(
  sql: Sql,
  siteIds: number[],
  hours: number,
  boards: number,
  now: Date,
): Promise<void> {
  const from = new Date(Math.floor((now.getTime() - hours * 3_600_000) / 300_000) * 300_000)
  await ensurePartitions(sql, from)
  // An hour at a time keeps each statement short.
  for (let at = from.getTime(); at < now.getTime(); at += 3_600_000) {
    const start = new Date(at)
    const end = new Date(Math.min(at + 3_600_000, now.getTime()) - 1)
    await sql`
      insert into miner_telemetry_history (site_id, miner_id, bucket_at, samples, samples_online, samples_mining, hashrate_ghs,
        hashrate_min_ghs, hashrate_max_ghs, hashrate_expected_ghs, temperature_avg, temperature_min, temperature_max, fan_speed,
        frequency_avg, voltage_avg, power_consumption, power_max, efficiency, pool_latency_ms, latency_ms, accepted_shares,
        rejected_shares, stale_shares, hardware_errors, uptime_seconds, overall_health)
      select m.site_id, m.id, bucket, 5, 5, 5, 95000 + 900 * sin(m.id + extract(epoch from bucket) / 3600), 93000, 99000, 104000,
        62, 55, 70 + m.id % 10, 5450, 545, 13.2, 3250 + m.id % 100, 3400, 29.5, 30, 40, extract(epoch from bucket)::bigint / 60,
        10, 2, 5, 86400, 0
      from hosting_miners m, generate_series(${start}::timestamptz, ${end}::timestamptz, interval '5 minutes') bucket
      where m.site_id = any(${siteIds}::int[])`
    if (boards > 0)
      await sql`
        insert into miner_board_telemetry (site_id, miner_id, bucket_at, board, samples, hashrate_ghs, temp, temp_chip_max,
          frequency, voltage, chips_ok, chips_total, health)
        select m.site_id, m.id, bucket, board, 5, 31000 + m.id % 900, 62, 70, 545, 13.2, 114, 114, 0
        from hosting_miners m, generate_series(${start}::timestamptz, ${end}::timestamptz, interval '5 minutes') bucket,
          generate_series(0, ${boards - 1}::int) board
        where m.site_id = any(${siteIds}::int[])`
  }
  await sql`
    insert into site_telemetry_history (site_id, bucket_at, miners, miners_online, hashrate_ghs, hashrate_expected_ghs,
      power_consumption, temperature_max, samples, samples_online)
    select site_id, bucket_at, count(*), count(*), sum(hashrate_ghs), sum(hashrate_expected_ghs), sum(power_consumption),
      max(temperature_max), sum(samples), sum(samples_online)
    from miner_telemetry_history where site_id = any(${siteIds}::int[]) group by site_id, bucket_at`
  for (const siteId of siteIds)
    await sql.begin((tx) => rollUpOwners(tx, { siteId, owners: "all", from, to: now }))
  await sql`
    insert into site_uptime_daily (site_id, day, samples, samples_online)
    select s, (${now}::timestamptz)::date - back, 1000000, 985000 + back * 100
    from unnest(${siteIds}::int[]) s, generate_series(1, 89) back`
}

/** Raw samples up to now that the history does not hold yet. */
async function fillRaw(sql: Sql, siteIds: number[], minutes: number, now: Date): Promise<void> {
  await sql`
    insert into telemetry_raw_24h (site_id, miner_id, collected_at, accepted_shares, rejected_shares, hardware_errors,
      uptime_seconds, hashrate_ghs, hashrate_5s_ghs, hashrate_expected_ghs, temperature_avg, temperature_max, frequency_avg,
      power_consumption, efficiency, latency_ms, boards_total, boards_healthy, online, mining, power_mode, overall_health,
      fan_speeds, board_ids, board_hashrate_ghs, board_temp, board_chips_ok, board_chips_total)
    select m.site_id, m.id, at, 100000, 10, 5, 86400, 95000 + m.id % 900, 95000 + m.id % 2000, 104000, 62, 70, 545, 3250, 29.5, 40,
      3, 3, true, true, 1, 0, array[5400, 5460, 5520, 5580], array[0, 1, 2]::smallint[], array[31000, 31500, 32000]::real[],
      array[62, 62, 63]::real[], array[114, 114, 114]::smallint[], array[114, 114, 114]::smallint[]
    from hosting_miners m,
      generate_series(${now}::timestamptz - ${minutes}::int * interval '1 minute', ${now}::timestamptz, interval '1 minute') at
    where m.site_id = any(${siteIds}::int[])`
}

/** Two hundred finished commands a site, each for every hundredth machine. */
async function fillCommands(sql: Sql, siteIds: number[], now: Date): Promise<void> {
  await sql`
    with target as (
      select site_id, id, row_number() over (partition by site_id order by id)::int as k
      from hosting_miners where site_id = any(${siteIds}::int[])
    ), command as (
      insert into remote_commands (site_id, id, request_id, command_type, parameters, status, target_ids, priority,
        ttl_minutes, requested_at, queued_at, started_at, finished_at, outcome)
      select s, gen_random_uuid(), gen_random_uuid(), 'REBOOT', '{"mode":"soft"}', 'SUCCEEDED',
        array(select t.id from target t where t.site_id = s and t.k % 100 = n % 100), 5, 30, at, at, at, at + interval '5 seconds',
        'All succeeded.'
      from unnest(${siteIds}::int[]) s, generate_series(0, 199) n,
        lateral (select ${now}::timestamptz - n * interval '7 minutes' as at) w
      returning site_id, id, target_ids, requested_at
    )
    insert into remote_command_results (site_id, command_id, miner_id, result_status, result_code, result_message, ran, started_at, finished_at)
    select c.site_id, c.id, t, 'SUCCEEDED', 0, 'Restart accepted.', 'restart', c.requested_at, c.requested_at + interval '5 seconds'
    from command c, unnest(c.target_ids) t`
}

/** A hundred events a site over the last day, four of them within the hour. */
async function fillEvents(sql: Sql, siteIds: number[], now: Date): Promise<void> {
  await sql`
    insert into fleet_events (site_id, miner_id, kind, severity, message, at)
    select m.site_id, m.id, 'miner_offline', 'critical', 'No answer in 3 readings', ${now}::timestamptz - k * interval '14 minutes'
    from (select site_id, id, row_number() over (partition by site_id order by id)::int as k
      from hosting_miners where site_id = any(${siteIds}::int[])) m
    where k <= 100`
}

import { type SQL, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { intArray, minerInScope, type Scope, siteInScope } from "./scope.ts"

/** A stretch of time in steps; `from` and `to` are whole steps. */
export type Window = { from: Date; to: Date; stepS: number }

const instant = (at: Date) => sql`${at.toISOString()}::timestamptz`
const step = (window: Window, at: SQL) =>
  sql`date_bin(${`${window.stepS} seconds`}::interval, ${at}, 'epoch'::timestamptz)`

/** For a client, only instants at which the machine was his; everybody else sees all of them. */
function ownedThen(scope: Scope, siteId: SQL, minerId: SQL, at: SQL): SQL {
  if (scope.kind !== "owned") return sql`true`
  return sql`exists (select 1 from user_miners um
    where um.site_id = ${siteId} and um.miner_id = ${minerId} and um.user_id = ${scope.userId}
      and um.from_at <= ${at} and (um.to_at is null or um.to_at > ${at}))`
}

/** The site of a machine that the scope holds now, else null. */
export async function findMinerSite(
  executor: Executor,
  scope: Scope,
  minerId: number,
  now: Date,
): Promise<number | null> {
  const [row] = await executor.execute<{ siteId: number }>(sql`
    select m.site_id as "siteId" from hosting_miners m
    where m.id = ${minerId} and ${minerInScope(scope, sql`m.site_id`, sql`m.id`, now)}`)
  return row?.siteId ?? null
}

export type MinerStep = {
  at: Date
  hashrateGhs: number | null
  expectedGhs: number | null
  tempMaxC: number | null
  powerW: number | null
  online: boolean
}

/** A machine in steps that hold samples: its buckets, and raw samples from where they end. */
export async function readMinerSteps(
  executor: Executor,
  scope: Scope,
  miner: { siteId: number; minerId: number },
  window: Window,
): Promise<MinerStep[]> {
  return executor.execute<MinerStep>(sql`
    with history as (
      select h.bucket_at as at, h.hashrate_ghs as rate, h.hashrate_expected_ghs as expected, h.temperature_max as temp,
        h.power_consumption as power, h.samples_online > 0 as online
      from miner_telemetry_history h
      where h.site_id = ${miner.siteId} and h.miner_id = ${miner.minerId}
        and h.bucket_at >= ${instant(window.from)} and h.bucket_at < ${instant(window.to)}
        and ${ownedThen(scope, sql`h.site_id`, sql`h.miner_id`, sql`h.bucket_at`)}
    ), tail as (
      select date_bin('5 minutes', r.collected_at, 'epoch'::timestamptz) as at,
        avg(coalesce(r.hashrate_5s_ghs, r.hashrate_ghs)) as rate, avg(r.hashrate_expected_ghs) as expected,
        max(r.temperature_max) as temp, avg(r.power_consumption) as power, bool_or(r.online) as online
      from telemetry_raw_24h r
      where r.site_id = ${miner.siteId} and r.miner_id = ${miner.minerId}
        and r.collected_at >= coalesce((select max(at) + interval '5 minutes' from history), ${instant(window.from)})
        and r.collected_at < ${instant(window.to)}
        and ${ownedThen(scope, sql`r.site_id`, sql`r.miner_id`, sql`r.collected_at`)}
      group by 1
    )
    select ${step(window, sql`at`)} as at, avg(rate)::float8 as "hashrateGhs", avg(expected)::float8 as "expectedGhs",
      max(temp)::float8 as "tempMaxC", avg(power)::float8 as "powerW", bool_or(online) as online
    from (select * from history union all select * from tail) buckets
    group by 1 order by 1`)
}

export type BoardStep = {
  at: Date
  board: number
  hashrateGhs: number | null
  tempC: number | null
  tempChipMaxC: number | null
  chipsOk: number | null
  chipsTotal: number | null
}

/** The boards of a machine in steps that hold samples, by board, oldest first. */
export async function readBoardSteps(
  executor: Executor,
  scope: Scope,
  miner: { siteId: number; minerId: number },
  window: Window,
): Promise<BoardStep[]> {
  return executor.execute<BoardStep>(sql`
    with history as (
      select h.bucket_at as at, h.board, h.hashrate_ghs as rate, h.temp, h.temp_chip_max as chip, h.chips_ok,
        h.chips_total
      from miner_board_telemetry h
      where h.site_id = ${miner.siteId} and h.miner_id = ${miner.minerId}
        and h.bucket_at >= ${instant(window.from)} and h.bucket_at < ${instant(window.to)}
        and ${ownedThen(scope, sql`h.site_id`, sql`h.miner_id`, sql`h.bucket_at`)}
    ), tail as (
      select r.collected_at as at, b.board, b.rate, b.temp, b.chip, b.chips_ok, b.chips_total
      from telemetry_raw_24h r
      cross join lateral unnest(r.board_ids, r.board_hashrate_ghs, r.board_temp, r.board_temp_chip_max,
        r.board_chips_ok, r.board_chips_total) as b(board, rate, temp, chip, chips_ok, chips_total)
      where r.site_id = ${miner.siteId} and r.miner_id = ${miner.minerId}
        and r.collected_at >= coalesce((select max(at) + interval '5 minutes' from history), ${instant(window.from)})
        and r.collected_at < ${instant(window.to)} and b.board is not null
        and ${ownedThen(scope, sql`r.site_id`, sql`r.miner_id`, sql`r.collected_at`)}
    )
    select ${step(window, sql`at`)} as at, board, avg(rate)::float8 as "hashrateGhs", avg(temp)::float8 as "tempC",
      max(chip)::float8 as "tempChipMaxC", min(chips_ok) as "chipsOk", max(chips_total) as "chipsTotal"
    from (select * from history union all select * from tail) buckets
    group by 1, 2 order by 2, 1`)
}

export type TotalStep = {
  at: Date
  hashrateGhs: number | null
  expectedGhs: number | null
  powerW: number | null
  online: number
  miners: number
}

/** Totals over the scope (or one site of it) in steps that were rolled up. For a client: over his machines, while they were his. */
export async function readTotalSteps(
  executor: Executor,
  scope: Scope,
  siteId: number | null,
  window: Window,
): Promise<TotalStep[]> {
  const buckets =
    scope.kind === "owned" ? ownedBuckets(scope, siteId, window) : siteBuckets(scope, siteId, window)
  return executor.execute<TotalStep>(sql`
    with bucket as (${buckets})
    select ${step(window, sql`at`)} as at, avg(rate)::float8 as "hashrateGhs", avg(expected)::float8 as "expectedGhs",
      avg(power)::float8 as "powerW", round(avg(online))::int as online, round(avg(miners))::int as miners
    from bucket group by 1 order by 1`)
}

const oneSite = (siteId: number | null, column: SQL) =>
  siteId === null ? sql`true` : sql`${column} = ${siteId}`

function siteBuckets(scope: Scope, siteId: number | null, window: Window): SQL {
  return sql`
    select h.bucket_at as at, sum(h.hashrate_ghs) as rate, sum(h.hashrate_expected_ghs) as expected,
      sum(h.power_consumption) as power, sum(h.miners_online) as online, sum(h.miners) as miners
    from site_telemetry_history h
    where ${siteInScope(scope, sql`h.site_id`)} and ${oneSite(siteId, sql`h.site_id`)}
      and h.bucket_at >= ${instant(window.from)} and h.bucket_at < ${instant(window.to)}
    group by 1`
}

function ownedBuckets(scope: Scope & { kind: "owned" }, siteId: number | null, window: Window): SQL {
  return sql`
    select h.bucket_at as at, sum(h.hashrate_ghs) as rate, sum(h.hashrate_expected_ghs) as expected,
      sum(h.power_consumption) as power, sum(h.miners_online) as online, sum(h.miners) as miners
    from owner_telemetry_history h
    where h.user_id = ${scope.userId} and h.site_id = any(${intArray(scope.siteIds)})
      and ${oneSite(siteId, sql`h.site_id`)}
      and h.bucket_at >= ${instant(window.from)} and h.bucket_at < ${instant(window.to)}
    group by 1`
}

/** Totals of the live rows that are newer than `since`: the present, which is not rolled up yet. */
export async function readTotalsNow(
  executor: Executor,
  scope: Scope,
  siteId: number | null,
  now: Date,
  since: Date,
): Promise<Omit<TotalStep, "at">> {
  const [row] = await executor.execute<Omit<TotalStep, "at">>(sql`
    select sum(coalesce(l.hashrate_5s_ghs, l.hashrate_ghs)) filter (where l.online) as "hashrateGhs",
      sum(l.hashrate_expected_ghs) filter (where l.online) as "expectedGhs",
      sum(l.power_consumption::float8) filter (where l.online) as "powerW",
      count(*) filter (where l.online)::int as online, count(*)::int as miners
    from miner_telemetry_live l
    join hosting_miners m on m.site_id = l.site_id and m.id = l.miner_id and m.state <> 'retired'
    where ${minerInScope(scope, sql`l.site_id`, sql`l.miner_id`, now)} and ${oneSite(siteId, sql`l.site_id`)}
      and l.collected_at > ${instant(since)}`)
  return row ?? { hashrateGhs: null, expectedGhs: null, powerW: null, online: 0, miners: 0 }
}

// path: command 5/10
import { type SQL, sql } from "drizzle-orm"
import { type BlockReason, type CommandFeature, WAVES_ABOVE_TARGETS } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { blockDetail, blockReason, type TargetDemand, targetJoins } from "./command-targets.ts"
import { type CommandRow, timestamp } from "./commands.ts"

/** From a command's targets to rows of the edge queue, all of them in one statement. */

/** One dispatch at a time a site, so that two commands cannot both find a machine free. Until the transaction ends. */
export async function lockDispatch(tx: Executor, siteId: number): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('command.dispatch'), ${siteId})`)
}

/** True when a command was dispatched: all its edge rows are made in one transaction. */
export async function hasEdgeRows(
  tx: Executor,
  command: Pick<CommandRow, "siteId" | "id">,
): Promise<boolean> {
  const rows = await tx.execute(sql`select 1 from miner_commands
    where site_id = ${command.siteId} and remote_command_id = ${command.id}::uuid limit 1`)
  return rows.length > 0
}

export type WaveSite = { wavePercent: number; activeMachines: number }

export async function selectWaveSite(tx: Executor, siteId: number): Promise<WaveSite> {
  const rows = await tx.execute<WaveSite>(sql`
    select s.wave_percent as "wavePercent", (select count(*)::int from hosting_miners m
      where m.site_id = s.id and m.state = 'active') as "activeMachines"
    from hosting_sites s where s.id = ${siteId}`)
  return rows[0] ?? { wavePercent: 100, activeMachines: 0 }
}

/** A machine's rate now in GH/s; null: it does not hash, or nobody knows. Of `miner_telemetry_live l`. */
export const rateNow = sql`case when l.online and l.offline_since is null and l.mining is not false
  then coalesce(l.hashrate_5s_ghs, l.hashrate_ghs) end`

/**
 * The planner guesses the targets of a command from those of a usual one, which is one or two: joined row by row, a
 * large command would be quadratic. Until the transaction ends, or `planForOne`.
 */
export async function planForMany(tx: Executor): Promise<void> {
  await tx.execute(sql`set local enable_nestloop = off`)
}
export async function planForOne(tx: Executor): Promise<void> {
  await tx.execute(sql`set local enable_nestloop = on`)
}

export type Dispatched = {
  queued: number
  /** How many are skipped, by why. */
  skipped: Partial<Record<BlockReason, number>>
  waves: number
}

/**
 * Makes the edge rows of a command's pending targets with their waves, the first wave released; the rest of the
 * targets become SKIPPED with the reason; and one row a wave.
 */
export async function dispatchTargets(
  tx: Executor,
  command: CommandRow,
  input: {
    demand: TargetDemand
    feature: CommandFeature
    /** By block reason, for people. */
    sentences: Record<string, string>
    waveSize: number
    at: Date
    expiresAt: Date
  },
): Promise<Dispatched> {
  const { siteId, id } = command
  const { demand, at } = input
  const rows = await tx.execute<Dispatched>(sql`
    with judged as materialized (
      select r.miner_id, m.device_id, ${blockReason(demand)} as reason, ${blockDetail(demand)} as detail,
        ${rateNow} as rate
      from remote_command_results r
      left join hosting_miners m on m.site_id = r.site_id and m.id = r.miner_id ${targetJoins}
      where r.site_id = ${siteId} and r.command_id = ${id}::uuid and r.result_status = 'PENDING'
    ), placed as (
      select j.*, row_number() over (partition by reason is null order by miner_id) as place,
        count(*) filter (where reason is null) over () as runnable
      from judged j
    ), planned as materialized (
      select p.*, case when reason is not null then null when runnable <= ${WAVES_ABOVE_TARGETS}::int then 1
        else ((place - 1) / ${input.waveSize}::int + 1)::int end as wave
      from placed p
    ), queued as (
      insert into miner_commands (site_id, remote_command_id, miner_id, device_id, command_type, parameters, feature,
        wave, priority, created_at, expires_at)
      select ${siteId}, ${id}::uuid, miner_id, device_id, ${command.type}, ${JSON.stringify(command.parameters)}::jsonb,
        ${input.feature}, wave, ${command.priority}, ${timestamp(at)},
        case when wave = 1 then ${timestamp(input.expiresAt)} end
      from planned where reason is null order by miner_id
    ), waves as (
      insert into command_waves (site_id, command_id, wave, targets, released_at)
      select ${siteId}, ${id}::uuid, wave, count(*), case when wave = 1 then ${timestamp(at)} end
      from planned where reason is null group by wave
    ), told as (
      update remote_command_results r set wave = p.wave,
        hashrate_before_ghs = case when p.wave = 1 then p.rate end,
        result_status = case when p.reason is null then r.result_status else 'SKIPPED' end,
        skip_reason = p.reason, result_code = ${codeOf(sql`p.reason`)},
        result_message = coalesce(case when p.reason = 'unsupported' then p.detail end,
          ${JSON.stringify(input.sentences)}::jsonb ->> p.reason),
        finished_at = case when p.reason is null then null else ${timestamp(at)} end
      from planned p
      where r.site_id = ${siteId} and r.command_id = ${id}::uuid and r.miner_id = p.miner_id
    )
    select (select count(*)::int from planned where reason is null) as queued,
      (select coalesce(max(wave), 0) from planned) as waves,
      (select coalesce(jsonb_object_agg(reason, n), '{}') from (
        select reason, count(*)::int as n from planned where reason is not null group by reason) s) as skipped`)
  const dispatched = rows[0] as Dispatched
  await tx.execute(sql`update remote_commands set waves = ${dispatched.waves},
      released_wave = ${Math.min(1, dispatched.waves)}
    where site_id = ${siteId} and id = ${id}::uuid`)
  return dispatched
}

/** A machine that is in conflict is busy; every other reason is a skip. */
function codeOf(reason: SQL): SQL {
  return sql`case ${reason} when 'conflict' then 4 else case when ${reason} is not null then 2 end end`
}

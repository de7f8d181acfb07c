import { type SQL, sql } from "drizzle-orm"
import type { CommandStatus, CommandType } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { type CommandRow, timestamp } from "./commands.ts"
import { rateNow } from "./commands-dispatch.ts"

/** Waves of commands: what their machines show, and the moves from one wave to the next. */
type CommandKey = Pick<CommandRow, "siteId" | "id">
export type WaveKey = { siteId: number; commandId: string; wave: number }

export type UnsettledWave = WaveKey & {
  type: CommandType
  parameters: Record<string, unknown>
  failPercent: number
  hashPercent: number
}

/**
 * Released waves whose machines may still show something: not passed or with machines away, of commands that run or
 * were requested after `requestedSince`, answered after `answeredSince`; and every wave that a running command waits for.
 */
export async function selectUnsettledWaves(
  db: Executor,
  { requestedSince, answeredSince }: { requestedSince: Date; answeredSince: Date },
): Promise<UnsettledWave[]> {
  return db.execute<UnsettledWave>(sql`
    with candidates as (
      select site_id, id from remote_commands where requested_at > ${timestamp(requestedSince)}
      union select site_id, id from remote_commands where status = 'RUNNING'
    )
    select w.site_id as "siteId", w.command_id as "commandId", w.wave, c.command_type as type, c.parameters,
      coalesce(c.wave_fail_percent, s.wave_fail_percent) as "failPercent",
      coalesce(c.wave_hash_percent, s.wave_hash_percent) as "hashPercent"
    from candidates k
    join command_waves w on w.site_id = k.site_id and w.command_id = k.id
    join remote_commands c on c.site_id = k.site_id and c.id = k.id
    join hosting_sites s on s.id = k.site_id
    where w.released_at is not null and (
      ((w.answered_at is null or w.answered_at > ${timestamp(answeredSince)}) and (w.passed_at is null or w.bad > 0))
      or (c.status = 'RUNNING' and w.passed_at is null and w.halted_at is null))
    order by c.requested_at, w.site_id, w.command_id, w.wave`)
}

export type WaveLook = WaveKey & {
  sign: "answered" | "reachable" | "hashing"
  hashPercent: number
  /** The machine's uptime has to begin after the command. */
  restarts: boolean
}
function looks(waves: readonly WaveLook[]): SQL {
  return sql`jsonb_to_recordset(${JSON.stringify(waves)}::jsonb) as w("siteId" int, "commandId" uuid, wave int,
    sign text, "hashPercent" int, restarts boolean)`
}

/**
 * Sets `recovered_at` of succeeded targets that show what their wave's gate asks, by a sample after the act: online, or
 * hashing at the share of its rate before. A machine that did not hash before only has to be online. After a restart
 * its uptime must have begun after it (where it tells one). Returns them.
 */
export async function markRecoveredTargets(
  db: Executor,
  waves: readonly WaveLook[],
): Promise<{ siteId: number; commandId: string; minerId: number }[]> {
  return db.execute<{ siteId: number; commandId: string; minerId: number }>(sql`
    update remote_command_results r set recovered_at = l.collected_at
    from ${looks(waves)}, miner_telemetry_live l
    where r.site_id = w."siteId" and r.command_id = w."commandId" and r.wave = w.wave
      and r.result_status = 'SUCCEEDED' and r.recovered_at is null
      and l.site_id = r.site_id and l.miner_id = r.miner_id and l.online and l.collected_at > r.finished_at
      and (w.sign <> 'hashing' or coalesce(r.hashrate_before_ghs, 0) <= 0 or (l.mining is not false
        and coalesce(l.hashrate_5s_ghs, l.hashrate_ghs) * 100 >= r.hashrate_before_ghs * w."hashPercent"))
      and (not w.restarts or case when l.uptime_seconds is null then l.collected_at > r.finished_at + interval '60 seconds'
        else l.collected_at - make_interval(secs => l.uptime_seconds) > r.started_at - interval '15 seconds' end)
    returning r.site_id as "siteId", r.command_id as "commandId", r.miner_id as "minerId"`)
}

export type WaveRow = WaveKey & {
  waves: number
  status: CommandStatus
  releasedWave: number
  commandHaltedAt: Date | null
  passedAt: Date | null
  haltedAt: Date | null
  targets: number
  open: number
  good: number
  waiting: number
  failed: number
  skipped: number
  expired: number
  answeredAt: Date | null
}

/** How the targets of these waves stand now; writes it down as the picture of each wave that changed. */
export async function refreshWaves(
  db: Executor,
  waves: readonly WaveLook[],
  at: Date,
): Promise<(WaveRow & { changed: boolean })[]> {
  return db.execute<WaveRow & { changed: boolean }>(sql`
    with facts as materialized (
      select w."siteId" as site_id, w."commandId" as command_id, w.wave, f.*
      from ${looks(waves)} cross join lateral (
        select count(*) filter (where r.result_status in ('PENDING', 'RUNNING'))::int as open,
          count(*) filter (where r.result_status = 'SUCCEEDED' and r.recovered_at is not null)::int as good,
          count(*) filter (where r.result_status = 'SUCCEEDED' and r.recovered_at is null)::int as waiting,
          count(*) filter (where r.result_status = 'FAILED')::int as failed,
          count(*) filter (where r.result_status = 'SKIPPED')::int as skipped,
          count(*) filter (where r.skip_reason = 'expired')::int as expired
        from remote_command_results r
        where r.site_id = w."siteId" and r.command_id = w."commandId" and r.wave = w.wave) f
    ), drawn as (
      update command_waves p set good = f.good, bad = f.failed + f.waiting,
        answered_at = case when f.open = 0 then coalesce(p.answered_at, ${timestamp(at)}) end
      from facts f
      where p.site_id = f.site_id and p.command_id = f.command_id and p.wave = f.wave
        and (p.good, p.bad, p.answered_at is null) is distinct from (f.good, f.failed + f.waiting, f.open > 0)
      returning p.site_id, p.command_id, p.wave
    )
    select f.site_id as "siteId", f.command_id as "commandId", f.wave, c.waves, c.status,
      c.released_wave as "releasedWave", c.halted_at as "commandHaltedAt", p.passed_at as "passedAt",
      p.halted_at as "haltedAt", p.targets, f.open, f.good, f.waiting, f.failed, f.skipped, f.expired,
      case when f.open = 0 then coalesce(p.answered_at, ${timestamp(at)}) end as "answeredAt",
      d.wave is not null as changed
    from facts f
    join command_waves p on p.site_id = f.site_id and p.command_id = f.command_id and p.wave = f.wave
    join remote_commands c on c.site_id = f.site_id and c.id = f.command_id
    left join drawn d on d.site_id = f.site_id and d.command_id = f.command_id and d.wave = f.wave
    order by c.requested_at, f.site_id, f.command_id, f.wave`)
}

export async function markWavePassed(db: Executor, wave: WaveKey, at: Date): Promise<void> {
  await db.execute(sql`update command_waves set passed_at = ${timestamp(at)}
    where site_id = ${wave.siteId} and command_id = ${wave.commandId}::uuid and wave = ${wave.wave}
      and passed_at is null and halted_at is null`)
}

/** The next wave with something to do; null: nothing is left. */
export async function selectNextWave(tx: Executor, command: CommandKey): Promise<number | null> {
  const rows = await tx.execute<{ wave: number | null }>(sql`
    select min(wave) as wave from miner_commands
    where site_id = ${command.siteId} and remote_command_id = ${command.id}::uuid and status = 'pending'
      and expires_at is null`)
  return rows[0]?.wave ?? null
}

/** When the next wave of a command may start; null: when somebody says so. */
export async function updateNextWaveAt(tx: Executor, command: CommandKey, at: Date | null): Promise<void> {
  await tx.execute(sql`update remote_commands set next_wave_at = ${at?.toISOString() ?? null}::timestamptz
    where site_id = ${command.siteId} and id = ${command.id}::uuid`)
}

/** Releases a wave: its time to live begins, and its rates now are what its gate compares with. */
export async function releaseRows(
  tx: Executor,
  command: CommandKey,
  wave: number,
  times: { at: Date; expiresAt: Date },
): Promise<{ released: number; deviceIds: number[] }> {
  const { siteId, id } = command
  const rows = await tx.execute<{ released: number; deviceIds: number[] }>(sql`
    with released as (
      update miner_commands set expires_at = ${timestamp(times.expiresAt)}
      where site_id = ${siteId} and remote_command_id = ${id}::uuid and wave = ${wave} and status = 'pending'
        and expires_at is null returning device_id
    ), rated as (
      update remote_command_results r set hashrate_before_ghs = (
        select ${rateNow} from miner_telemetry_live l where l.site_id = r.site_id and l.miner_id = r.miner_id)
      where r.site_id = ${siteId} and r.command_id = ${id}::uuid and r.wave = ${wave} and r.result_status = 'PENDING'
    ), noted as (
      update command_waves set released_at = ${timestamp(times.at)}
      where site_id = ${siteId} and command_id = ${id}::uuid and wave = ${wave}
    )
    select count(*)::int as released, coalesce(array_agg(distinct device_id), '{}') as "deviceIds" from released`)
  await tx.execute(sql`update remote_commands set released_wave = ${wave}, next_wave_at = null
    where site_id = ${siteId} and id = ${id}::uuid`)
  return rows[0] ?? { released: 0, deviceIds: [] }
}

/** Commands whose pause after a passed gate is over, at sites whose kill switch is off. */
export async function selectDueReleases(db: Executor, at: Date): Promise<CommandKey[]> {
  return db.execute<CommandKey>(sql`
    select c.site_id as "siteId", c.id from remote_commands c join hosting_sites s on s.id = c.site_id
    where c.status = 'RUNNING' and c.halted_at is null and c.next_wave_at <= ${timestamp(at)}
      and s.commands_paused_at is null
    order by c.next_wave_at, c.site_id, c.id`)
}

export type WavePause = { pauseS: number; paused: boolean }
/** The pause after a gate, and whether the site's kill switch is on. */
export async function selectWavePause(tx: Executor, command: CommandKey): Promise<WavePause> {
  const rows = await tx.execute<WavePause>(sql`
    select coalesce(c.wave_pause_s, s.wave_pause_s) as "pauseS", s.commands_paused_at is not null as paused
    from remote_commands c join hosting_sites s on s.id = c.site_id
    where c.site_id = ${command.siteId} and c.id = ${command.id}::uuid`)
  return rows[0] ?? { pauseS: 0, paused: true }
}

export async function haltRows(tx: Executor, wave: WaveKey, reason: string, at: Date): Promise<void> {
  await tx.execute(sql`
    with noted as (
      update command_waves set halted_at = ${timestamp(at)}, halt_reason = ${reason}
      where site_id = ${wave.siteId} and command_id = ${wave.commandId}::uuid and wave = ${wave.wave})
    update remote_commands set halted_at = ${timestamp(at)}, halt_reason = ${reason}, next_wave_at = null
    where site_id = ${wave.siteId} and id = ${wave.commandId}::uuid`)
}

/** The command goes on; the wave keeps that it had halted, and who let it go on. */
export async function resumeRows(tx: Executor, wave: WaveKey, by: number | null, at: Date): Promise<void> {
  await tx.execute(sql`
    with noted as (
      update command_waves set resumed_at = ${timestamp(at)}, resumed_by = ${by}
      where site_id = ${wave.siteId} and command_id = ${wave.commandId}::uuid and wave = ${wave.wave})
    update remote_commands set halted_at = null, halt_reason = null, next_wave_at = null
    where site_id = ${wave.siteId} and id = ${wave.commandId}::uuid`)
}

/** Nothing is left that could go on or wait for a wave. */
export async function clearHalt(tx: Executor, command: CommandKey): Promise<void> {
  await tx.execute(sql`update remote_commands set halted_at = null, halt_reason = null, next_wave_at = null
    where site_id = ${command.siteId} and id = ${command.id}::uuid
      and (halted_at is not null or next_wave_at is not null)`)
}

/** True when every target of the wave has ended. */
export async function waveHasEnded(tx: Executor, command: CommandKey, wave: number): Promise<boolean> {
  const rows = await tx.execute(sql`
    select 1 from remote_command_results
    where site_id = ${command.siteId} and command_id = ${command.id}::uuid and wave = ${wave}
      and result_status in ('PENDING', 'RUNNING') limit 1`)
  return rows.length === 0
}

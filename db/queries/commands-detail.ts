import { sql } from "drizzle-orm"
import type { CommandStatus } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { type CommandListRow, commandColumns, countsOf } from "./commands-read.ts"
import { type CommandScope, commandInScope, joinOwned } from "./commands-scope.ts"

/** One command in full, as far as the reader may see it. Names of staff are null for a client. */
export type CommandDetailRow = CommandListRow & {
  targetFilter: Record<string, unknown> | null
  fingerprint: string | null
  retryOf: string | null
  backupFirst: boolean
  priority: number
  ttlMinutes: number
  queuedAt: Date | null
  approvedAt: Date | null
  approvedByName: string | null
  deniedByName: string | null
  denyReason: string | null
  cancelledAt: Date | null
  cancelledByName: string | null
  /** As the request says; null: as the site says, decided at the dispatch. */
  waveSize: number | null
  /** As the request says, else as the site says now. */
  wavePauseS: number
  waveFailPercent: number
  waveHashPercent: number
  nextWaveAt: Date | null
  haltReason: string | null
  /** Since when the kill switch of the site is on. */
  sitePausedAt: Date | null
  /** Of the whole command, whoever reads: targets that nobody has begun. */
  unstarted: number
  /** Of the whole command, whoever reads: targets that failed, are unknown, expired or were cancelled. */
  hasRetriable: boolean
}

export async function selectCommandDetail(
  db: Executor,
  scope: CommandScope,
  commandId: string,
): Promise<CommandDetailRow | null> {
  const client = scope.kind === "client"
  const name = (column: string) => {
    const id = sql.identifier(column)
    const shown = client ? sql`and c.${id} = ${scope.userId}` : sql``
    return sql`(select p.name from user_access p where p.id = c.${id} ${shown})`
  }
  const ofStaff = (column: string) => (client ? sql`null` : sql`c.${sql.identifier(column)}`)
  const rows = await db.execute<CommandDetailRow>(sql`
    with c as materialized (
      select c.* from remote_commands c where c.id = ${commandId}::uuid and ${commandInScope(scope)}
    )
    select ${commandColumns(scope)}, ${ofStaff("target_filter")} as "targetFilter",
      ${client ? sql`null::text` : sql`c.fingerprint`} as fingerprint, c.retry_of as "retryOf", c.backup_first as "backupFirst",
      c.priority, c.ttl_minutes as "ttlMinutes", c.queued_at as "queuedAt", c.approved_at as "approvedAt",
      ${name("approved_by")} as "approvedByName", ${name("denied_by")} as "deniedByName", c.deny_reason as "denyReason",
      c.cancelled_at as "cancelledAt", ${name("cancelled_by")} as "cancelledByName",
      ${client ? sql`null::int` : sql`c.wave_size`} as "waveSize", coalesce(c.wave_pause_s, s.wave_pause_s) as "wavePauseS",
      coalesce(c.wave_fail_percent, s.wave_fail_percent) as "waveFailPercent",
      coalesce(c.wave_hash_percent, s.wave_hash_percent) as "waveHashPercent", c.next_wave_at as "nextWaveAt",
      ${client ? sql`null::text` : sql`c.halt_reason`} as "haltReason", s.commands_paused_at as "sitePausedAt",
      c.target_count - c.running_count - c.succeeded_count - c.failed_count - c.unknown_count - c.skipped_count as unstarted,
      (c.failed_count + c.unknown_count + c.expired_count > 0 or (c.skipped_count > 0 and exists (
        select 1 from remote_command_results r where r.site_id = c.site_id and r.command_id = c.id
          and r.skip_reason = 'cancelled'))) as "hasRetriable"
    from c join hosting_sites s on s.id = c.site_id left join user_access u on u.id = c.requested_by ${countsOf(scope)}`)
  return rows[0] ?? null
}

export type CommandRelative = {
  relation: "retry_of" | "retry"
  id: string
  status: CommandStatus
  requestedAt: Date
  targets: number
}

/** The command that this one repeats, and those that repeat it, as far as the reader may see them. */
export async function selectRelatives(
  db: Executor,
  scope: CommandScope,
  command: { siteId: number; id: string; retryOf: string | null },
): Promise<CommandRelative[]> {
  return db.execute<CommandRelative>(sql`
    with c as materialized (
      select c.* from remote_commands c
      where c.site_id = ${command.siteId} and (c.id = ${command.retryOf}::uuid or c.retry_of = ${command.id}::uuid)
        and ${commandInScope(scope)}
    )
    select case when c.id = ${command.retryOf}::uuid then 'retry_of' else 'retry' end as relation, c.id, c.status,
      c.requested_at as "requestedAt", n.targets
    from c ${countsOf(scope)} order by c.requested_at, c.id`)
}

/** A wave: what it had to show and showed, and how its targets stand that the reader may see. */
export type WaveRow = {
  wave: number
  targets: number
  releasedAt: Date | null
  /** When its last target had answered. */
  answeredAt: Date | null
  passedAt: Date | null
  haltedAt: Date | null
  /** Null for a client, like every name and what counts machines of others. */
  haltReason: string | null
  resumedAt: Date | null
  resumedByName: string | null
  good: number | null
  bad: number | null
  succeeded: number
  failed: number
  unknown: number
  skipped: number
  open: number
  running: number
}

export async function selectWaves(
  db: Executor,
  scope: CommandScope,
  command: { siteId: number; id: string },
): Promise<WaveRow[]> {
  const client = scope.kind === "client"
  const ofStaff = (column: ReturnType<typeof sql>, type: string) =>
    client ? sql`null::${sql.raw(type)}` : column
  const owned = client
    ? sql`join remote_commands c on c.site_id = r.site_id and c.id = r.command_id ${joinOwned(scope)}`
    : sql``
  return db.execute<WaveRow>(sql`
    select w.wave, ${client ? sql`n.targets` : sql`w.targets`} as targets, w.released_at as "releasedAt",
      w.answered_at as "answeredAt", w.passed_at as "passedAt", w.halted_at as "haltedAt",
      ${ofStaff(sql`w.halt_reason`, "text")} as "haltReason", w.resumed_at as "resumedAt",
      ${ofStaff(sql`(select p.name from user_access p where p.id = w.resumed_by)`, "text")} as "resumedByName",
      ${ofStaff(sql`w.good`, "int")} as good, ${ofStaff(sql`w.bad`, "int")} as bad,
      coalesce(n.succeeded, 0) as succeeded, coalesce(n.failed, 0) as failed, coalesce(n.unknown, 0) as unknown,
      coalesce(n.skipped, 0) as skipped, coalesce(n.open, 0) as open, coalesce(n.running, 0) as running
    from command_waves w ${client ? sql`join` : sql`left join`} (
      select r.wave, count(*)::int as targets,
        count(*) filter (where r.result_status = 'SUCCEEDED')::int as succeeded,
        count(*) filter (where r.result_status = 'FAILED' and r.result_code is distinct from 5)::int as failed,
        count(*) filter (where r.result_status = 'FAILED' and r.result_code = 5)::int as unknown,
        count(*) filter (where r.result_status = 'SKIPPED')::int as skipped,
        count(*) filter (where r.result_status in ('PENDING', 'RUNNING'))::int as open,
        count(*) filter (where r.result_status = 'RUNNING')::int as running
      from remote_command_results r ${owned}
      where r.site_id = ${command.siteId} and r.command_id = ${command.id}::uuid
      group by r.wave) n on n.wave = w.wave
    where w.site_id = ${command.siteId} and w.command_id = ${command.id}::uuid
    order by w.wave`)
}

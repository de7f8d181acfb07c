// path: command 5/10
import { type SQL, sql } from "drizzle-orm"
import type {
  ApprovalReason,
  CommandSource,
  CommandStatus,
  CommandType,
  SkipReason,
} from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { intArray, minerInScope, type Scope, siteInScope } from "./scope.ts"

/** Commands and their results per machine. The edge-facing queue is `commands-edge.ts`, lists are `commands-read.ts`. */
export type CommandRow = {
  siteId: number
  id: string
  batchId: string | null
  requestId: string
  type: CommandType
  parameters: Record<string, unknown>
  status: CommandStatus
  targetIds: number[]
  fingerprint: string
  retryOf: string | null
  backupFirst: boolean
  approvalReasons: ApprovalReason[]
  priority: number
  ttlMinutes: number
  requestedBy: number | null
  requestedAt: Date
  approvalExpiresAt: Date | null
  queuedAt: Date | null
  waveSize: number | null
  wavePauseS: number | null
  waveFailPercent: number | null
  waveHashPercent: number | null
  waves: number
  releasedWave: number
  nextWaveAt: Date | null
  haltedAt: Date | null
  targetCount: number
  runningCount: number
  succeededCount: number
  failedCount: number
  unknownCount: number
  skippedCount: number
  expiredCount: number
}

/** All of a command but its targets and what only its request needs; `commands-state.ts` reads these alone. */
export const STATE_COLUMNS = sql`site_id as "siteId", id, command_type as "type", parameters, status,
  backup_first as "backupFirst", priority, ttl_minutes as "ttlMinutes", requested_by as "requestedBy",
  requested_at as "requestedAt", approval_expires_at as "approvalExpiresAt", queued_at as "queuedAt",
  wave_size as "waveSize", wave_pause_s as "wavePauseS", wave_fail_percent as "waveFailPercent",
  wave_hash_percent as "waveHashPercent", waves, released_wave as "releasedWave", next_wave_at as "nextWaveAt",
  halted_at as "haltedAt", target_count as "targetCount", running_count as "runningCount",
  succeeded_count as "succeededCount", failed_count as "failedCount", unknown_count as "unknownCount",
  skipped_count as "skippedCount", expired_count as "expiredCount"`

const COLUMNS = sql`${STATE_COLUMNS}, batch_id as "batchId", request_id as "requestId", target_ids as "targetIds",
  fingerprint, retry_of as "retryOf", approval_reasons as "approvalReasons"`

export function timestamp(at: Date): SQL {
  return sql`${at.toISOString()}::timestamptz`
}
export function uuidArray(ids: readonly string[]): SQL {
  return sql`${`{${ids.join(",")}}`}::uuid[]`
}

/** The row, locked until the transaction ends. Locks are taken in this order: command, edge rows, results. */
export async function lockCommand(tx: Executor, siteId: number, id: string): Promise<CommandRow | null> {
  const rows = await tx.execute<CommandRow>(
    sql`select ${COLUMNS} from remote_commands where site_id = ${siteId} and id = ${id}::uuid for update`,
  )
  return rows[0] ?? null
}

/** By id alone: ids are unique over all sites. */
export async function selectCommand(db: Executor, id: string): Promise<CommandRow | null> {
  const rows = await db.execute<CommandRow>(
    sql`select ${COLUMNS} from remote_commands where id = ${id}::uuid`,
  )
  return rows[0] ?? null
}

/** The commands that a request made, at the sites of a scope. */
export async function selectCommandsOfRequest(
  db: Executor,
  requestId: string,
  scope: Scope,
): Promise<CommandRow[]> {
  return db.execute<CommandRow>(
    sql`select ${COLUMNS} from remote_commands where request_id = ${requestId}::uuid
      and site_id in (select s.id from hosting_sites s where ${siteInScope(scope, sql`s.id`)}) order by site_id`,
  )
}

export type NewCommand = Pick<
  CommandRow,
  | "siteId"
  | "id"
  | "batchId"
  | "requestId"
  | "type"
  | "parameters"
  | "targetIds"
  | "fingerprint"
  | "retryOf"
  | "backupFirst"
  | "approvalReasons"
  | "priority"
  | "ttlMinutes"
  | "requestedBy"
  | "requestedAt"
  | "approvalExpiresAt"
  | "waveSize"
  | "wavePauseS"
  | "waveFailPercent"
  | "waveHashPercent"
> & { source: CommandSource; targetFilter: Record<string, unknown> | null; note: string | null }

/** Inserts a PENDING command with a PENDING result per target; false: the site has this request already. */
export async function insertCommand(tx: Executor, command: NewCommand): Promise<boolean> {
  const filter = command.targetFilter === null ? null : JSON.stringify(command.targetFilter)
  const rows = await tx.execute(sql`
    insert into remote_commands (site_id, id, batch_id, request_id, command_type, parameters, status, source,
      target_ids, target_filter, fingerprint, retry_of, backup_first, approval_reasons, note, priority, ttl_minutes,
      requested_by, requested_at, approval_expires_at, wave_size, wave_pause_s, wave_fail_percent, wave_hash_percent)
    values (${command.siteId}, ${command.id}::uuid, ${command.batchId}::uuid, ${command.requestId}::uuid,
      ${command.type}, ${JSON.stringify(command.parameters)}::jsonb, 'PENDING', ${command.source},
      ${intArray(command.targetIds)}, ${filter}::jsonb, ${command.fingerprint}, ${command.retryOf}::uuid,
      ${command.backupFirst}, ${`{${command.approvalReasons.join(",")}}`}::text[], ${command.note},
      ${command.priority}, ${command.ttlMinutes}, ${command.requestedBy}, ${timestamp(command.requestedAt)},
      ${command.approvalExpiresAt?.toISOString() ?? null}::timestamptz, ${command.waveSize}, ${command.wavePauseS},
      ${command.waveFailPercent}, ${command.waveHashPercent})
    on conflict (site_id, request_id) do nothing returning id`)
  if (rows.length === 0) return false
  await tx.execute(sql`
    insert into remote_command_results (site_id, command_id, miner_id)
    select ${command.siteId}, ${command.id}::uuid, unnest(${intArray(command.targetIds)})`)
  return true
}

/** What a move changes besides the status. Dates that are absent stay. */
export type CommandChange = {
  approvedBy?: number | null
  approvedAt?: Date
  deniedBy?: number | null
  denyReason?: string
  cancelledBy?: number | null
  cancelledAt?: Date
  queuedAt?: Date
  startedAt?: Date
  finishedAt?: Date
  outcome?: string
}

const CHANGE_COLUMNS: Record<keyof CommandChange, string> = {
  approvedBy: "approved_by",
  approvedAt: "approved_at",
  deniedBy: "denied_by",
  denyReason: "deny_reason",
  cancelledBy: "cancelled_by",
  cancelledAt: "cancelled_at",
  queuedAt: "queued_at",
  startedAt: "started_at",
  finishedAt: "finished_at",
  outcome: "outcome",
}

export async function updateCommandStatus(
  tx: Executor,
  command: Pick<CommandRow, "siteId" | "id">,
  status: CommandStatus,
  change: CommandChange,
): Promise<void> {
  const sets = Object.entries(change)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const column = sql.identifier(CHANGE_COLUMNS[name as keyof CommandChange])
      return value instanceof Date ? sql`${column} = ${timestamp(value)}` : sql`${column} = ${value}`
    })
  await tx.execute(sql`
    update remote_commands set ${sql.join([sql`status = ${status}`, ...sets], sql`, `)}
    where site_id = ${command.siteId} and id = ${command.id}::uuid`)
}

/** The requested machines that exist in the scope, with their sites; those of archived sites do not. */
export async function selectTargets(
  db: Executor,
  scope: Scope,
  minerIds: readonly number[],
  at: Date,
): Promise<{ id: number; siteId: number }[]> {
  return db.execute<{ id: number; siteId: number }>(sql`
    select m.id, m.site_id as "siteId" from hosting_miners m join hosting_sites s on s.id = m.site_id
    where m.id = any(${intArray(minerIds)}) and s.archived_at is null
      and ${minerInScope(scope, sql`m.site_id`, sql`m.id`, at)} order by m.site_id, m.id`)
}

/** What a site says of commands. */
export type PolicySite = {
  id: number
  name: string
  timezone: string
  approvalBatchThreshold: number
  twoPersonRule: boolean
  clientCommandsAllowed: boolean
  chipCriticalC: number
  wavePercent: number
  wavePauseS: number
  waveFailPercent: number
  waveHashPercent: number
  commandTtlMinutes: number
  backupBeforeChange: boolean
  commandsPausedAt: Date | null
}

export async function selectPolicySites(db: Executor, siteIds: readonly number[]): Promise<PolicySite[]> {
  return db.execute<PolicySite>(sql`
    select id, name, timezone, approval_batch_threshold as "approvalBatchThreshold",
      two_person_rule as "twoPersonRule", client_commands_allowed as "clientCommandsAllowed",
      chip_critical_c as "chipCriticalC", wave_percent as "wavePercent", wave_pause_s as "wavePauseS",
      wave_fail_percent as "waveFailPercent", wave_hash_percent as "waveHashPercent",
      command_ttl_minutes as "commandTtlMinutes", backup_before_change as "backupBeforeChange",
      commands_paused_at as "commandsPausedAt"
    from hosting_sites where id = any(${intArray(siteIds)}) order by id`)
}

/** Marks what has not started as SKIPPED; returns how many. */
export async function skipPendingResults(
  tx: Executor,
  command: Pick<CommandRow, "siteId" | "id">,
  skip: { reason: SkipReason; message: string; at: Date },
): Promise<number> {
  const rows = await tx.execute<{ skipped: number }>(sql`
    with skipped as (
      update remote_command_results set result_status = 'SKIPPED', result_code = 2, skip_reason = ${skip.reason},
        result_message = ${skip.message}, finished_at = ${timestamp(skip.at)}
      where site_id = ${command.siteId} and command_id = ${command.id}::uuid and result_status = 'PENDING'
      returning 1)
    select count(*)::int as skipped from skipped`)
  return rows[0]?.skipped ?? 0
}

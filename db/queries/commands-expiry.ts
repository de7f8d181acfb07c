import { type SQL, sql } from "drizzle-orm"
import type { CommandType } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { type CommandRow, skipTargets, timestamp } from "./commands.ts"

/** What ends by itself: times to live, lost leases, old approvals, old rows. */
type CommandKey = Pick<CommandRow, "siteId" | "id">

/** A sent row is given up one time to live after its lease lapsed: until then its collector may still answer. */
const LOST = (at: Date): SQL => sql`e.status = 'sent' and e.expires_at <= ${timestamp(at)}
  and e.lease_until + make_interval(mins => c.ttl_minutes) <= ${timestamp(at)}`

/** Open commands with something to expire, oldest first. */
export async function selectExpiringCommands(db: Executor, at: Date, limit: number): Promise<CommandKey[]> {
  return db.execute<CommandKey>(sql`
    select c.site_id as "siteId", c.id from remote_commands c
    where (c.status = 'PENDING_APPROVAL' and c.approval_expires_at <= ${timestamp(at)})
      or (c.status in ('QUEUED', 'RUNNING') and (
        exists (select 1 from miner_commands e where e.site_id = c.site_id and e.remote_command_id = c.id
          and ((e.status = 'pending' and e.expires_at <= ${timestamp(at)}) or (${LOST(at)})))
        or (c.queued_at + make_interval(mins => c.ttl_minutes) <= ${timestamp(at)}
          and not exists (select 1 from miner_commands e where e.site_id = c.site_id and e.remote_command_id = c.id))))
    order by c.requested_at limit ${limit}`)
}

/** True for a QUEUED command that has waited its time to live without ever getting edge rows. */
export async function isUndispatched(tx: Executor, command: CommandKey, at: Date): Promise<boolean> {
  const rows = await tx.execute(sql`
    select 1 from remote_commands c where c.site_id = ${command.siteId} and c.id = ${command.id}::uuid
      and c.status = 'QUEUED' and c.queued_at + make_interval(mins => c.ttl_minutes) <= ${timestamp(at)}
      and not exists (select 1 from miner_commands e where e.site_id = c.site_id and e.remote_command_id = c.id)`)
  return rows.length > 0
}

/** Ends pending rows past their time: results SKIPPED with `message`. Returns how many. */
export async function expirePendingRows(
  tx: Executor,
  command: CommandKey,
  message: string,
  at: Date,
): Promise<number> {
  const rows = await tx.execute<{ minerId: number }>(sql`
    update miner_commands set status = 'expired', completed_at = ${timestamp(at)}
    where site_id = ${command.siteId} and remote_command_id = ${command.id}::uuid and status = 'pending'
      and expires_at <= ${timestamp(at)} returning miner_id as "minerId"`)
  const minerIds = rows.map((row) => row.minerId)
  if (minerIds.length > 0) await skipTargets(tx, command, minerIds, { code: 2, message, at })
  return minerIds.length
}

/** Gives up sent rows that nobody answered: results FAILED, unknown outcome. Returns how many. */
export async function loseSentRows(
  tx: Executor,
  command: CommandKey,
  message: string,
  at: Date,
): Promise<number> {
  return endAsUnknown(
    tx,
    sql`select e.site_id, e.id from miner_commands e
      join remote_commands c on c.site_id = e.site_id and c.id = e.remote_command_id
      where e.site_id = ${command.siteId} and e.remote_command_id = ${command.id}::uuid and ${LOST(at)}`,
    message,
    at,
  )
}

/** Commands with leased rows of a device whose type may not be repeated. */
export async function selectLeasedOnceOnly(
  db: Executor,
  siteId: number,
  deviceId: number,
  types: readonly CommandType[],
): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select distinct remote_command_id as id from miner_commands
    where site_id = ${siteId} and device_id = ${deviceId} and status = 'sent'
      and command_type = any(${`{${types.join(",")}}`}::text[])`)
  return rows.map((row) => row.id)
}

export async function loseLeasedOnceOnly(
  tx: Executor,
  command: CommandKey,
  deviceId: number,
  types: readonly CommandType[],
  message: string,
  at: Date,
): Promise<number> {
  return endAsUnknown(
    tx,
    sql`select e.site_id, e.id from miner_commands e
      where e.site_id = ${command.siteId} and e.remote_command_id = ${command.id}::uuid
        and e.device_id = ${deviceId} and e.status = 'sent' and e.command_type = any(${`{${types.join(",")}}`}::text[])`,
    message,
    at,
  )
}

async function endAsUnknown(tx: Executor, rowsOf: SQL, message: string, at: Date): Promise<number> {
  const rows = await tx.execute(sql`
    with ended as (
      update miner_commands e set status = 'failed', completed_at = ${timestamp(at)}, lease_until = null
      from (${rowsOf}) lost where e.site_id = lost.site_id and e.id = lost.id
      returning e.site_id, e.remote_command_id, e.miner_id
    )
    update remote_command_results r set result_status = 'FAILED', result_code = 5, result_message = ${message},
      finished_at = ${timestamp(at)}
    from ended e where r.site_id = e.site_id and r.command_id = e.remote_command_id and r.miner_id = e.miner_id
    returning r.miner_id`)
  return rows.length
}

/**
 * Sets `recovered_at` of accepted reboots whose machine hashes again: a sample after the reboot with a rate, and an
 * uptime that began after it (where the machine tells one). Looks at reboots since `since`. Returns them.
 */
export async function markRecoveredReboots(
  db: Executor,
  since: Date,
): Promise<{ siteId: number; commandId: string; minerId: number }[]> {
  return db.execute<{ siteId: number; commandId: string; minerId: number }>(sql`
    update remote_command_results r set recovered_at = l.collected_at
    from miner_commands e
    join miner_telemetry_live l on l.site_id = e.site_id and l.miner_id = e.miner_id
    where e.created_at >= ${timestamp(since)} and e.command_type = 'REBOOT' and e.status = 'completed'
      and r.site_id = e.site_id and r.command_id = e.remote_command_id and r.miner_id = e.miner_id
      and r.result_status = 'SUCCEEDED' and r.recovered_at is null
      and l.online and l.mining is not false and coalesce(l.hashrate_5s_ghs, l.hashrate_ghs) > 0
      and l.collected_at > r.finished_at
      and case when l.uptime_seconds is null then l.collected_at > r.finished_at + interval '60 seconds'
        else l.collected_at - make_interval(secs => l.uptime_seconds) > r.started_at - interval '15 seconds' end
    returning r.site_id as "siteId", r.command_id as "commandId", r.miner_id as "minerId"`)
}

/** Deletes edge rows that have ended and are older than `before`; results and commands stay. */
export async function deleteOldEdgeRows(db: Executor, before: Date, limit: number): Promise<number> {
  const rows = await db.execute(sql`
    delete from miner_commands where (site_id, id) in (
      select site_id, id from miner_commands
      where created_at < ${timestamp(before)} and status not in ('pending', 'sent') limit ${limit}) returning id`)
  return rows.length
}

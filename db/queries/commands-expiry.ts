import { type SQL, sql } from "drizzle-orm"
import type { CommandType } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { type CommandRow, timestamp } from "./commands.ts"

/** What ends by itself: times to live, lost leases, old approvals, old halts, old rows. */
type CommandKey = Pick<CommandRow, "siteId" | "id">

/** A sent row is given up one time to live after its lease lapsed: until then its collector may still answer. */
const LOST = (at: Date): SQL => sql`e.status = 'sent' and e.expires_at <= ${timestamp(at)}
  and e.lease_until + make_interval(mins => c.ttl_minutes) <= ${timestamp(at)}`

/** Open commands with something to expire, oldest first. `haltedSince`: a halt from then or before is given up. */
export async function selectExpiringCommands(
  db: Executor,
  at: Date,
  haltedSince: Date,
  limit: number,
): Promise<CommandKey[]> {
  return db.execute<CommandKey>(sql`
    select c.site_id as "siteId", c.id from remote_commands c
    where (c.status = 'PENDING_APPROVAL' and c.approval_expires_at <= ${timestamp(at)})
      or (c.status in ('QUEUED', 'RUNNING') and (
        c.halted_at <= ${timestamp(haltedSince)}
        or exists (select 1 from miner_commands e where e.site_id = c.site_id and e.remote_command_id = c.id
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

/**
 * Ends pending rows: those that were released and are past their time, or all of them. Results SKIPPED, reason expired.
 * Returns how many.
 */
export async function expirePendingRows(
  tx: Executor,
  command: CommandKey,
  which: "past their time" | "all",
  message: string,
  at: Date,
): Promise<number> {
  const due = which === "all" ? sql`true` : sql`expires_at <= ${timestamp(at)}`
  // An array instead of a join: planned for a usual command, a join is quadratic in a large one.
  const rows = await tx.execute<{ expired: number }>(sql`
    with ended as (
      update miner_commands set status = 'expired', completed_at = ${timestamp(at)}
      where site_id = ${command.siteId} and remote_command_id = ${command.id}::uuid and status = 'pending' and ${due}
      returning miner_id
    ), skipped as (
      update remote_command_results set result_status = 'SKIPPED', result_code = 2, skip_reason = 'expired',
        result_message = ${message}, finished_at = ${timestamp(at)}
      where site_id = ${command.siteId} and command_id = ${command.id}::uuid
        and miner_id = any(array(select miner_id from ended))
    )
    select count(*)::int as expired from ended`)
  return rows[0]?.expired ?? 0
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
    command,
    sql`e.status = 'sent' and exists (select 1 from remote_commands c
      where c.site_id = e.site_id and c.id = e.remote_command_id and ${LOST(at)})`,
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
      and command_type = any(${`{${types.join(",")}}`}::text[]) order by 1`)
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
    command,
    sql`e.device_id = ${deviceId} and e.status = 'sent' and e.command_type = any(${`{${types.join(",")}}`}::text[])`,
    message,
    at,
  )
}

async function endAsUnknown(
  tx: Executor,
  command: CommandKey,
  which: SQL,
  message: string,
  at: Date,
): Promise<number> {
  const rows = await tx.execute<{ lost: number }>(sql`
    with ended as (
      update miner_commands e set status = 'failed', completed_at = ${timestamp(at)}, lease_until = null
      where e.site_id = ${command.siteId} and e.remote_command_id = ${command.id}::uuid and ${which}
      returning e.miner_id
    ), told as (
      update remote_command_results set result_status = 'FAILED', result_code = 5, result_message = ${message},
        finished_at = ${timestamp(at)}
      where site_id = ${command.siteId} and command_id = ${command.id}::uuid
        and miner_id = any(array(select miner_id from ended))
    )
    select count(*)::int as lost from ended`)
  return rows[0]?.lost ?? 0
}

/** Deletes edge rows that have ended and are older than `before`; results and commands stay. */
export async function deleteOldEdgeRows(db: Executor, before: Date, limit: number): Promise<number> {
  const rows = await db.execute(sql`
    delete from miner_commands where (site_id, id) in (
      select site_id, id from miner_commands
      where created_at < ${timestamp(before)} and status not in ('pending', 'sent') limit ${limit}) returning id`)
  return rows.length
}

// path: command 5/10
import { type SQL, sql } from "drizzle-orm"
import type { SkipReason } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { type CommandRow, timestamp } from "./commands.ts"
import { intArray } from "./scope.ts"

/** From a command's targets to rows of the edge queue: who can run it, and the rows themselves. */

/** Why a machine (`m`, with device `d` and live row `l`) would get no command now; null: it would. */
function skipReason(options: { attemptOffline: boolean; exceptCommandId: string | null }): SQL {
  const other = options.exceptCommandId
    ? sql`and open.remote_command_id <> ${options.exceptCommandId}::uuid`
    : sql``
  return sql`case
    when m.id is null or m.state = 'retired' then 'retired'
    when m.device_id is null or d.id is null or d.revoked_at is not null then 'no_collector'
    when exists (select 1 from miner_commands open where open.site_id = m.site_id and open.miner_id = m.id
      and open.status in ('pending', 'sent') ${other}) then 'busy'
    when l.miner_id is null then 'never_reported'
    when l.offline_since is not null and not ${options.attemptOffline}::boolean then 'offline' end`
}

const MINER_JOINS = sql`
  left join edge_devices d on d.id = m.device_id
  left join miner_telemetry_live l on l.site_id = m.site_id and l.miner_id = m.id`

export type TargetVerdict = {
  minerId: number
  siteId: number
  siteName: string
  label: string
  reason: SkipReason | null
  offlineSince: Date | null
  /** Its collector is silent since then: the command waits for it. */
  silentSince: Date | null
}

export async function selectTargetVerdicts(
  db: Executor,
  minerIds: readonly number[],
  options: { attemptOffline: boolean },
): Promise<TargetVerdict[]> {
  return db.execute<TargetVerdict>(sql`
    select m.id as "minerId", m.site_id as "siteId", s.name as "siteName", coalesce(m.label, m.miner_id) as label,
      ${skipReason({ ...options, exceptCommandId: null })} as reason,
      l.offline_since as "offlineSince", d.silent_since as "silentSince"
    from hosting_miners m join hosting_sites s on s.id = m.site_id ${MINER_JOINS}
    where m.id = any(${intArray(minerIds)}) order by s.name, label, m.id`)
}

/** One dispatch at a time a site, so that two commands cannot both find a machine free. Until the transaction ends. */
export async function lockDispatch(tx: Executor, siteId: number): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('command.dispatch'), ${siteId})`)
}

export type PendingTarget = { minerId: number; deviceId: number; reason: SkipReason | null }

/** True when a command was dispatched: all its edge rows are made in one transaction. */
export async function hasEdgeRows(
  tx: Executor,
  command: Pick<CommandRow, "siteId" | "id">,
): Promise<boolean> {
  const rows = await tx.execute(sql`select 1 from miner_commands
    where site_id = ${command.siteId} and remote_command_id = ${command.id}::uuid limit 1`)
  return rows.length > 0
}

/** The pending targets of a command with the device of each, and why it cannot run (then `deviceId` means nothing). */
export async function selectPendingTargets(
  tx: Executor,
  command: Pick<CommandRow, "siteId" | "id">,
  options: { attemptOffline: boolean },
): Promise<PendingTarget[]> {
  return tx.execute<PendingTarget>(sql`
    select r.miner_id as "minerId", coalesce(m.device_id, 0) as "deviceId",
      ${skipReason({ ...options, exceptCommandId: command.id })} as reason
    from remote_command_results r
    left join hosting_miners m on m.site_id = r.site_id and m.id = r.miner_id ${MINER_JOINS}
    where r.site_id = ${command.siteId} and r.command_id = ${command.id}::uuid and r.result_status = 'PENDING'
    order by r.miner_id`)
}

/** Makes an edge row for each target; one that exists stays as it is. */
export async function insertEdgeRows(
  tx: Executor,
  command: CommandRow,
  targets: readonly PendingTarget[],
  times: { at: Date; expiresAt: Date },
): Promise<void> {
  await tx.execute(sql`
    insert into miner_commands (site_id, remote_command_id, miner_id, device_id, command_type, parameters, priority,
      created_at, expires_at)
    select ${command.siteId}, ${command.id}::uuid, t.miner_id, t.device_id, ${command.type},
      ${JSON.stringify(command.parameters)}::jsonb, ${command.priority}, ${timestamp(times.at)},
      ${timestamp(times.expiresAt)}
    from unnest(${intArray(targets.map((target) => target.minerId))},
      ${intArray(targets.map((target) => target.deviceId))}) as t(miner_id, device_id)
    on conflict (site_id, remote_command_id, miner_id) do nothing`)
}

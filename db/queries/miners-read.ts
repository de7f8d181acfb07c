import { and, eq, type SQL, sql } from "drizzle-orm"
import type { CommandStatus, CommandType, ResultStatus } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { minerTelemetryLive } from "../schema/telemetry.ts"
import { instant, minerFacts, ownedThen } from "./miner-status.ts"
import { type MinerRow, minerRowColumns } from "./miners-list.ts"
import type { Scope } from "./scope.ts"

/** A machine with what only its own page shows. */
export type MinerDetail = MinerRow & {
  firmware: string | null
  mac: string | null
  serial: string | null
  notes: string | null
  firstSeenAt: Date
  receivedAt: Date | null
  ownedFrom: Date | null
  device: { id: number; name: string; lastSeenAt: Date | null; silentSince: Date | null } | null
}

/** A machine of the scope in the state `minerFacts` gives it, retired ones too; null when it is not in the scope. */
export async function selectMiner(
  db: Executor,
  scope: Scope,
  minerId: number,
  at: Date,
): Promise<MinerDetail | null> {
  const [row] = await db.execute<
    Omit<MinerDetail, "device"> & {
      deviceName: string | null
      lastSeenAt: Date | null
      silentSince: Date | null
    }
  >(sql`
    select ${minerRowColumns}, f.firmware, f.mac, f.serial, f.notes, f.first_seen_at as "firstSeenAt",
      f.received_at as "receivedAt", ow.from_at as "ownedFrom",
      dv.name as "deviceName", dv.last_seen_at as "lastSeenAt", dv.silent_since as "silentSince"
    from ${minerFacts(scope, at, { where: sql`m.id = ${minerId}` })}
    left join user_miners ow on ow.site_id = f.site_id and ow.miner_id = f.id
      and ow.from_at <= ${instant(at)} and (ow.to_at is null or ow.to_at > ${instant(at)})
    left join user_access ou on ou.id = ow.user_id
    left join edge_devices dv on dv.id = f.device_id`)
  if (!row) return null
  const { deviceName, lastSeenAt, silentSince, ...miner } = row
  const device =
    miner.deviceId === null || deviceName === null
      ? null
      : { id: miner.deviceId, name: deviceName, lastSeenAt, silentSince }
  return { ...miner, device }
}

export type LiveSample = typeof minerTelemetryLive.$inferSelect

/** The last sample of a machine in full, or null. The caller has checked the scope. */
export async function selectLiveSample(
  db: Executor,
  siteId: number,
  minerId: number,
): Promise<LiveSample | null> {
  const [row] = await db
    .select()
    .from(minerTelemetryLive)
    .where(and(eq(minerTelemetryLive.siteId, siteId), eq(minerTelemetryLive.minerId, minerId)))
  return row ?? null
}

export type MinerCommandRow = {
  commandId: string
  siteId: number
  type: CommandType
  parameters: Record<string, unknown>
  status: CommandStatus
  resultStatus: ResultStatus
  resultCode: number | null
  resultMessage: string | null
  requestedAt: Date
  requestedBy: { userId: number; name: string } | null
  startedAt: Date | null
  finishedAt: Date | null
  recoveredAt: Date | null
}

/** The last commands of a machine, newest first; `onlyRequestedBy` narrows them to one person's own. */
export async function selectMinerCommands(
  db: Executor,
  scope: Scope,
  miner: { siteId: number; id: number },
  options: { onlyRequestedBy: number | null; limit: number },
): Promise<MinerCommandRow[]> {
  const where: SQL[] = [
    sql`r.site_id = ${miner.siteId}`,
    sql`r.miner_id = ${miner.id}`,
    ownedThen(scope, sql`r.site_id`, sql`r.miner_id`, sql`c.requested_at`),
  ]
  if (options.onlyRequestedBy !== null) where.push(sql`c.requested_by = ${options.onlyRequestedBy}`)
  const rows = await db.execute<MinerCommandRow>(sql`
    select c.id as "commandId", c.site_id as "siteId", c.command_type as type, c.parameters, c.status,
      r.result_status as "resultStatus", r.result_code as "resultCode", r.result_message as "resultMessage",
      c.requested_at as "requestedAt",
      case when u.id is not null then jsonb_build_object('userId', u.id, 'name', u.name) end as "requestedBy",
      r.started_at as "startedAt", r.finished_at as "finishedAt", r.recovered_at as "recoveredAt"
    from remote_command_results r
    join remote_commands c on c.site_id = r.site_id and c.id = r.command_id
    left join user_access u on u.id = c.requested_by
    where ${sql.join(where, sql` and `)}
    order by c.requested_at desc, c.id limit ${options.limit}`)
  return [...rows]
}

import { and, eq, gt, isNull, sql } from "drizzle-orm"
import type { Executor, Sql } from "../client.ts"
import { collectorKeys, edgeDevices, enrollmentCodes, fleetEvents, hostingMiners } from "../schema/index.ts"

/** What a collector's own calls read and write: enrollment, key, instance, heartbeat, configuration. */
const instant = (at: Date) => sql`${at.toISOString()}::timestamptz`

export async function insertEnrollmentCode(
  executor: Executor,
  row: typeof enrollmentCodes.$inferInsert,
): Promise<void> {
  await executor.insert(enrollmentCodes).values(row)
}

/** Uses a code up: of two callers at once one gets it. Null when it is wrong, used or over. */
export async function useEnrollmentCode(executor: Executor, codeHash: string, at: Date) {
  const [row] = await executor
    .update(enrollmentCodes)
    .set({ usedAt: at })
    .where(
      and(
        eq(enrollmentCodes.codeHash, codeHash),
        isNull(enrollmentCodes.usedAt),
        gt(enrollmentCodes.expiresAt, at),
      ),
    )
    .returning()
  return row ?? null
}

export async function setDeviceOfCode(executor: Executor, codeHash: string, deviceId: number): Promise<void> {
  await executor.update(enrollmentCodes).set({ deviceId }).where(eq(enrollmentCodes.codeHash, codeHash))
}

type Enrolled = Pick<
  typeof edgeDevices.$inferInsert,
  "instanceId" | "publicKey" | "hostname" | "platform" | "edgeVersion"
>

export async function insertDevice(
  executor: Executor,
  row: Enrolled & { siteId: number; name: string; at: Date },
): Promise<number> {
  const { at, ...columns } = row
  const [made] = await executor
    .insert(edgeDevices)
    .values({ ...columns, enrolledAt: at, lastSeenAt: at, aliveSince: at })
    .returning({ id: edgeDevices.id })
  return made!.id
}

/** Gives a device to a new process: what the old one reported is forgotten, the name and the targets stay. */
export async function reenrollDevice(
  executor: Executor,
  deviceId: number,
  row: Enrolled & { at: Date },
): Promise<{ name: string } | null> {
  const { at, ...columns } = row
  const [device] = await executor
    .update(edgeDevices)
    .set({
      ...columns,
      enrolledAt: at,
      lastSeenAt: at,
      aliveSince: at,
      revokedAt: null,
      configVersion: 0,
      clockOffsetMs: null,
      spool: null,
      journalEpoch: null,
      journalSeq: null,
    })
    .where(eq(edgeDevices.id, deviceId))
    .returning({ name: edgeDevices.name })
  return device ?? null
}

export async function insertKey(executor: Executor, row: typeof collectorKeys.$inferInsert): Promise<number> {
  const [made] = await executor.insert(collectorKeys).values(row).returning({ id: collectorKeys.id })
  return made!.id
}

export type KeyOwner = {
  keyId: number
  deviceId: number
  siteId: number
  name: string
  lastUsedAt: Date | null
}

/** Whose key this is, unless it or its device was revoked. One indexed look-up with every call of a collector. */
export async function findKey(client: Sql, keyHash: string): Promise<KeyOwner | null> {
  const [row] = await client<KeyOwner[]>`
    select k.id as "keyId", k.device_id as "deviceId", k.site_id as "siteId", d.name, k.last_used_at as "lastUsedAt"
    from collector_keys k join edge_devices d on d.id = k.device_id
    where k.key_hash = ${keyHash} and k.revoked_at is null and d.revoked_at is null`
  return row ?? null
}

export async function touchKey(client: Sql, keyId: number, at: Date): Promise<void> {
  await client`update collector_keys set last_used_at = ${at} where id = ${keyId}`
}

/** The instance that holds a device and when it was last seen. */
export async function findInstance(client: Sql, deviceId: number) {
  const [row] = await client<{ instanceId: string | null; lastSeenAt: Date | null }[]>`
    select instance_id as "instanceId", last_seen_at as "lastSeenAt" from edge_devices where id = ${deviceId}`
  return row ?? null
}

/** A device may be taken by the instance that has it, or by any once that was silent since `silentSince`. */
function mayHold(instanceId: string, silentSince: Date) {
  return sql`(d.instance_id is null or d.instance_id = ${instanceId}::uuid
    or d.last_seen_at is null or d.last_seen_at <= ${instant(silentSince)})`
}

/** Heard again after more than 30 s (three heartbeats): what it missed to tell meanwhile is no miss of its machines. */
function aliveSince(at: Date) {
  return sql`case when d.last_seen_at >= ${instant(at)} - interval '30 seconds' then coalesce(d.alive_since, ${instant(at)})
    else ${instant(at)} end`
}

/** Makes the instance the device's; false when another one has it. Of two new ones at once one wins. */
export async function takeDevice(
  executor: Executor,
  input: { deviceId: number; instanceId: string; silentSince: Date; at: Date },
): Promise<boolean> {
  const rows = await executor.execute(sql`
    update edge_devices d set instance_id = ${input.instanceId}::uuid, last_seen_at = ${instant(input.at)},
      alive_since = ${aliveSince(input.at)}
    where d.id = ${input.deviceId} and ${mayHold(input.instanceId, input.silentSince)} returning d.id`)
  return rows.length === 1
}

export type Beat = {
  deviceId: number
  instanceId: string
  edgeVersion: string
  configVersion: number
  clockOffsetMs: number
  minersKnown: number
  minersOnline: number
  spool: unknown
  rssBytes: number
  lastPollCycleMs: number | null
  unackedResults: number
}
export type BeforeBeat = {
  name: string
  silentSince: Date | null
  lastSeenAt: Date | null
  edgeVersion: string | null
  instanceId: string | null
  spoolBatches: number | null
  siteConfigVersion: number
}

/** Stores a heartbeat and ends a silence; returns what stood there before, or null when another instance has the device. */
export async function storeBeat(
  executor: Executor,
  beat: Beat,
  silentSince: Date,
  at: Date,
): Promise<BeforeBeat | null> {
  const [row] = await executor.execute<BeforeBeat>(sql`
    update edge_devices d set
      instance_id = ${beat.instanceId}::uuid, edge_version = ${beat.edgeVersion},
      config_version = ${beat.configVersion}, clock_offset_ms = ${beat.clockOffsetMs},
      miners_known = ${beat.minersKnown}, miners_online = ${beat.minersOnline},
      spool = ${JSON.stringify(beat.spool)}::jsonb, rss_bytes = ${beat.rssBytes},
      last_poll_cycle_ms = ${beat.lastPollCycleMs}, unacked_results = ${beat.unackedResults},
      last_seen_at = ${instant(at)}, alive_since = ${aliveSince(at)}, silent_since = null
    from (select o.*, s.config_version as site_config_version from edge_devices o
      join hosting_sites s on s.id = o.site_id where o.id = ${beat.deviceId} for update of o) before
    where d.id = before.id and ${mayHold(beat.instanceId, silentSince)}
    returning before.name, before.silent_since as "silentSince", before.last_seen_at as "lastSeenAt",
      before.edge_version as "edgeVersion", before.instance_id as "instanceId",
      (before.spool->>'batches')::int as "spoolBatches", before.site_config_version as "siteConfigVersion"`)
  return row ?? null
}

/** Identities that the server knows of a device's machines, the retired ones too. */
export async function listIdentities(executor: Executor, siteId: number, deviceId: number) {
  return executor
    .select({
      miner_id: hostingMiners.minerId,
      ip_address: hostingMiners.ipAddress,
      mac: hostingMiners.mac,
      serial: hostingMiners.serial,
    })
    .from(hostingMiners)
    .where(and(eq(hostingMiners.siteId, siteId), eq(hostingMiners.deviceId, deviceId)))
    .orderBy(hostingMiners.id)
}

/** Writes an event of a device; false when the very same one stands there (the edge sent it twice). */
export async function insertDeviceEvent(
  executor: Executor,
  event: {
    siteId: number
    deviceId: number
    kind: "collector_back" | "edge_event"
    severity: "info" | "warning" | "critical"
    message: string
    at: Date
  },
): Promise<boolean> {
  const [same] = await executor
    .select({ id: fleetEvents.id })
    .from(fleetEvents)
    .where(
      and(
        eq(fleetEvents.siteId, event.siteId),
        eq(fleetEvents.at, event.at),
        eq(fleetEvents.deviceId, event.deviceId),
        eq(fleetEvents.kind, event.kind),
        eq(fleetEvents.message, event.message),
      ),
    )
  if (same) return false
  await executor.insert(fleetEvents).values(event)
  return true
}

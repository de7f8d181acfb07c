import { and, asc, desc, eq, isNull, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import {
  collectorKeys,
  collectorUploadLogs,
  edgeDevices,
  edgeTargets,
  fleetEvents,
  hostingMiners,
  hostingSites,
  userAccess,
} from "../schema/index.ts"
import { type Scope, siteInScope } from "./scope.ts"

export type Device = typeof edgeDevices.$inferSelect
export type Target = typeof edgeTargets.$inferSelect
export type DeviceOfSite = Device & { siteSlug: string; siteName: string; siteConfigVersion: number }

function selectDevices(executor: Executor) {
  return executor
    .select({
      device: edgeDevices,
      siteSlug: hostingSites.slug,
      siteName: hostingSites.name,
      siteConfigVersion: hostingSites.configVersion,
    })
    .from(edgeDevices)
    .innerJoin(hostingSites, eq(hostingSites.id, edgeDevices.siteId))
    .$dynamic()
}

/** Devices of a scope, of one site if given; the revoked ones last. */
export async function listDevices(
  executor: Executor,
  scope: Scope,
  siteId: number | null,
): Promise<DeviceOfSite[]> {
  const rows = await selectDevices(executor)
    .where(
      and(
        siteInScope(scope, sql`${edgeDevices.siteId}`),
        siteId === null ? undefined : eq(edgeDevices.siteId, siteId),
      ),
    )
    .orderBy(
      sql`${edgeDevices.revokedAt} is not null`,
      asc(hostingSites.name),
      asc(edgeDevices.name),
      asc(edgeDevices.id),
    )
  return rows.map(({ device, ...site }) => ({ ...device, ...site }))
}

export async function findDevice(
  executor: Executor,
  scope: Scope,
  deviceId: number,
): Promise<DeviceOfSite | null> {
  const [row] = await selectDevices(executor).where(
    and(siteInScope(scope, sql`${edgeDevices.siteId}`), eq(edgeDevices.id, deviceId)),
  )
  return row
    ? {
        ...row.device,
        siteSlug: row.siteSlug,
        siteName: row.siteName,
        siteConfigVersion: row.siteConfigVersion,
      }
    : null
}

/** The name is in use by a device of the site that is not revoked. */
export async function deviceNameIsTaken(executor: Executor, siteId: number, name: string): Promise<boolean> {
  const [row] = await executor
    .select({ id: edgeDevices.id })
    .from(edgeDevices)
    .where(
      and(
        eq(edgeDevices.siteId, siteId),
        isNull(edgeDevices.revokedAt),
        eq(sql`lower(${edgeDevices.name})`, name.toLowerCase()),
      ),
    )
  return row !== undefined
}

/** Ends a device and its keys; false when it was ended before. */
export async function revokeDevice(
  executor: Executor,
  input: { siteId: number; deviceId: number; by: number | null; at: Date },
): Promise<boolean> {
  const devices = await executor
    .update(edgeDevices)
    .set({ revokedAt: input.at })
    .where(
      and(
        eq(edgeDevices.id, input.deviceId),
        eq(edgeDevices.siteId, input.siteId),
        isNull(edgeDevices.revokedAt),
      ),
    )
    .returning({ id: edgeDevices.id })
  await revokeKeysOf(executor, input.deviceId, input.by, input.at)
  return devices.length === 1
}

export async function revokeKeysOf(executor: Executor, deviceId: number, by: number | null, at: Date) {
  await executor
    .update(collectorKeys)
    .set({ revokedAt: at, revokedBy: by })
    .where(and(eq(collectorKeys.deviceId, deviceId), isNull(collectorKeys.revokedAt)))
}

export async function listKeys(executor: Executor, deviceId: number) {
  return executor
    .select({
      id: collectorKeys.id,
      prefix: collectorKeys.prefix,
      createdAt: collectorKeys.createdAt,
      lastUsedAt: collectorKeys.lastUsedAt,
      revokedAt: collectorKeys.revokedAt,
      revokedByName: userAccess.name,
    })
    .from(collectorKeys)
    .leftJoin(userAccess, eq(userAccess.id, collectorKeys.revokedBy))
    .where(eq(collectorKeys.deviceId, deviceId))
    .orderBy(desc(collectorKeys.id))
}

export async function listDeviceEvents(executor: Executor, siteId: number, deviceId: number, limit: number) {
  return executor
    .select({
      id: fleetEvents.id,
      kind: fleetEvents.kind,
      severity: fleetEvents.severity,
      message: fleetEvents.message,
      at: fleetEvents.at,
      minerId: fleetEvents.minerId,
      minerName: sql<string | null>`coalesce(${hostingMiners.label}, ${hostingMiners.minerId})`,
    })
    .from(fleetEvents)
    .leftJoin(
      hostingMiners,
      and(eq(hostingMiners.siteId, fleetEvents.siteId), eq(hostingMiners.id, fleetEvents.minerId)),
    )
    .where(and(eq(fleetEvents.siteId, siteId), eq(fleetEvents.deviceId, deviceId)))
    .orderBy(desc(fleetEvents.at), desc(fleetEvents.id))
    .limit(limit)
}

export async function listUploads(executor: Executor, siteId: number, deviceId: number, limit: number) {
  return executor
    .select({
      batchId: collectorUploadLogs.batchId,
      receivedAt: collectorUploadLogs.receivedAt,
      collectedAt: collectorUploadLogs.collectedAt,
      minerCount: collectorUploadLogs.minerCount,
      online: collectorUploadLogs.online,
      offline: collectorUploadLogs.offline,
      rejected: collectorUploadLogs.rejected,
      wireBytes: collectorUploadLogs.wireBytes,
      processingMs: collectorUploadLogs.processingMs,
      edgeVersion: collectorUploadLogs.edgeVersion,
    })
    .from(collectorUploadLogs)
    .where(and(eq(collectorUploadLogs.siteId, siteId), eq(collectorUploadLogs.deviceId, deviceId)))
    .orderBy(desc(collectorUploadLogs.receivedAt))
    .limit(limit)
}

export async function listTargets(
  executor: Executor,
  deviceId: number,
  only: "all" | "enabled" = "all",
): Promise<Target[]> {
  return executor
    .select()
    .from(edgeTargets)
    .where(
      and(eq(edgeTargets.deviceId, deviceId), only === "enabled" ? eq(edgeTargets.enabled, true) : undefined),
    )
    .orderBy(asc(edgeTargets.id))
}

/** The new target's id, or null when the device has this value. */
export async function insertTarget(
  executor: Executor,
  row: typeof edgeTargets.$inferInsert,
): Promise<number | null> {
  const [made] = await executor
    .insert(edgeTargets)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: edgeTargets.id })
  return made?.id ?? null
}

export async function deleteTarget(
  executor: Executor,
  deviceId: number,
  targetId: number,
): Promise<Target | null> {
  const [row] = await executor
    .delete(edgeTargets)
    .where(and(eq(edgeTargets.deviceId, deviceId), eq(edgeTargets.id, targetId)))
    .returning()
  return row ?? null
}

/** The target as it is now and whether that is new; null when the device has no such target. */
export async function setTargetEnabledRow(
  executor: Executor,
  input: { deviceId: number; targetId: number; enabled: boolean },
): Promise<{ target: Target; changed: boolean } | null> {
  const here = and(eq(edgeTargets.deviceId, input.deviceId), eq(edgeTargets.id, input.targetId))
  const [before] = await executor.select().from(edgeTargets).where(here).for("update")
  if (!before) return null
  if (before.enabled === input.enabled) return { target: before, changed: false }
  await executor.update(edgeTargets).set({ enabled: input.enabled }).where(here)
  return { target: { ...before, enabled: input.enabled }, changed: true }
}

import { and, asc, eq, lte, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { discoverySchedules, edgeDevices, hostingSites, userAccess } from "../schema/index.ts"
import { type Scope, siteInScope } from "./scope.ts"

export type Schedule = typeof discoverySchedules.$inferSelect
export type ScheduleRow = Schedule & {
  siteSlug: string
  siteName: string
  timezone: string
  deviceName: string
  createdByName: string | null
  lastScan: { id: string; state: string; found: number; at: Date } | null
}

export async function selectSchedules(
  db: Executor,
  scope: Scope,
  filter: { siteId?: number | undefined; deviceId?: number | undefined; id?: number | undefined },
): Promise<ScheduleRow[]> {
  const rows = await db
    .select({
      schedule: discoverySchedules,
      siteSlug: hostingSites.slug,
      siteName: hostingSites.name,
      timezone: hostingSites.timezone,
      deviceName: edgeDevices.name,
      createdByName: userAccess.name,
      lastScan: sql<{ id: string; state: string; found: number; at: string } | null>`(
        select jsonb_build_object('id', c.id, 'state', c.state, 'found', c.found, 'at', c.requested_at)
        from discovery_scans c where c.schedule_id = ${discoverySchedules.id} and c.site_id = ${discoverySchedules.siteId}
        order by c.requested_at desc limit 1)`,
    })
    .from(discoverySchedules)
    .innerJoin(hostingSites, eq(hostingSites.id, discoverySchedules.siteId))
    .innerJoin(edgeDevices, eq(edgeDevices.id, discoverySchedules.deviceId))
    .leftJoin(userAccess, eq(userAccess.id, discoverySchedules.createdBy))
    .where(
      and(
        siteInScope(scope, sql`${discoverySchedules.siteId}`),
        filter.siteId === undefined ? undefined : eq(discoverySchedules.siteId, filter.siteId),
        filter.deviceId === undefined ? undefined : eq(discoverySchedules.deviceId, filter.deviceId),
        filter.id === undefined ? undefined : eq(discoverySchedules.id, filter.id),
      ),
    )
    .orderBy(asc(hostingSites.name), asc(edgeDevices.name), asc(discoverySchedules.id))
  return rows.map(({ schedule, lastScan, ...more }) => ({
    ...schedule,
    ...more,
    lastScan: lastScan && { ...lastScan, at: new Date(lastScan.at) },
  }))
}

export async function insertSchedule(
  tx: Executor,
  row: typeof discoverySchedules.$inferInsert,
): Promise<number> {
  const [made] = await tx.insert(discoverySchedules).values(row).returning({ id: discoverySchedules.id })
  return made!.id
}

export async function updateSchedule(
  tx: Executor,
  id: number,
  changes: Partial<typeof discoverySchedules.$inferInsert>,
): Promise<void> {
  await tx.update(discoverySchedules).set(changes).where(eq(discoverySchedules.id, id))
}

export async function deleteSchedule(tx: Executor, id: number): Promise<void> {
  await tx.delete(discoverySchedules).where(eq(discoverySchedules.id, id))
}

/** The schedules whose time has come, of collectors that are not revoked; another worker's are passed over. */
export async function lockDueSchedules(tx: Executor, at: Date, limit: number): Promise<Schedule[]> {
  const rows = await tx
    .select({ schedule: discoverySchedules })
    .from(discoverySchedules)
    .innerJoin(edgeDevices, eq(edgeDevices.id, discoverySchedules.deviceId))
    .where(
      and(
        eq(discoverySchedules.enabled, true),
        lte(discoverySchedules.nextAt, at),
        sql`${edgeDevices.revokedAt} is null`,
      ),
    )
    .orderBy(asc(discoverySchedules.nextAt))
    .limit(limit)
    .for("update", { of: discoverySchedules, skipLocked: true })
  return rows.map((row) => row.schedule)
}

/** Whether a scan of the schedule is not over yet. */
export async function scheduleIsBusy(tx: Executor, scheduleId: number): Promise<boolean> {
  const rows = await tx.execute(sql`
    select 1 from discovery_scans where schedule_id = ${scheduleId} and ended_at is null limit 1`)
  return rows.length > 0
}

import { and, asc, desc, eq, inArray, sql } from "drizzle-orm"
import type { Executor, Sql } from "../client.ts"
import { discoveryScans, edgeDevices, hostingSites, userAccess } from "../schema/index.ts"
import { type Scope, siteInScope } from "./scope.ts"

export type Scan = typeof discoveryScans.$inferSelect
export type ScanChanges = Partial<typeof discoveryScans.$inferInsert>
export type ScanRow = Omit<Scan, "ranges"> & {
  siteSlug: string
  siteName: string
  timezone: string
  deviceName: string
  /** null: by itself. */
  requesterName: string | null
}

/** False: the same request made one before. */
export async function insertScan(tx: Executor, row: typeof discoveryScans.$inferInsert): Promise<boolean> {
  const made = await tx
    .insert(discoveryScans)
    .values(row)
    .onConflictDoNothing({ target: [discoveryScans.siteId, discoveryScans.requestId] })
    .returning({ id: discoveryScans.id })
  return made.length > 0
}

export async function findScanOfRequest(tx: Executor, siteId: number, requestId: string) {
  const [row] = await tx
    .select({ id: discoveryScans.id })
    .from(discoveryScans)
    .where(and(eq(discoveryScans.siteId, siteId), eq(discoveryScans.requestId, requestId)))
  return row?.id ?? null
}

export async function lockScan(tx: Executor, scope: Scope, id: string): Promise<Scan | null> {
  const [row] = await tx
    .select()
    .from(discoveryScans)
    .where(and(siteInScope(scope, sql`${discoveryScans.siteId}`), eq(discoveryScans.id, id)))
    .for("update")
  return row ?? null
}

/** The scans of a device among these, held against other changes. */
export async function lockScansOfDevice(tx: Executor, deviceId: number, ids: string[]): Promise<Scan[]> {
  if (ids.length === 0) return []
  return tx
    .select()
    .from(discoveryScans)
    .where(and(eq(discoveryScans.deviceId, deviceId), inArray(discoveryScans.id, ids)))
    .orderBy(asc(discoveryScans.id))
    .for("update")
}

export async function updateScan(tx: Executor, id: string, changes: ScanChanges): Promise<void> {
  await tx.update(discoveryScans).set(changes).where(eq(discoveryScans.id, id))
}

/** What a device has to do: the oldest scan that is not over, and those to end. */
export async function selectWork(tx: Executor, deviceId: number) {
  const open = await tx
    .select()
    .from(discoveryScans)
    .where(
      and(
        eq(discoveryScans.deviceId, deviceId),
        inArray(discoveryScans.state, ["requested", "running", "cancelling"]),
      ),
    )
    .orderBy(asc(discoveryScans.requestedAt), asc(discoveryScans.id))
  return {
    scan:
      open.find((one) => one.state === "running") ?? open.find((one) => one.state === "requested") ?? null,
    cancelling: open.filter((one) => one.state === "cancelling").map((one) => one.id),
    open: open.length,
  }
}

/** Whether a device should ask what there is to do. */
export async function hasScanNews(client: Sql, deviceId: number): Promise<boolean> {
  const rows = await client`
    select 1 from discovery_scans where device_id = ${deviceId} and (state = 'cancelling' or (state = 'requested'
      and not exists (select 1 from discovery_scans r where r.device_id = ${deviceId} and r.state = 'running')))
    limit 1`
  return rows.length > 0
}

const columns = {
  scan: discoveryScans,
  siteSlug: hostingSites.slug,
  siteName: hostingSites.name,
  timezone: hostingSites.timezone,
  deviceName: edgeDevices.name,
  requesterName: userAccess.name,
}

export async function selectScanPage(
  db: Executor,
  scope: Scope,
  filter: { siteId?: number | undefined; deviceId?: number | undefined; id?: string | undefined },
  page: { limit: number; offset: number },
): Promise<ScanRow[]> {
  const rows = await db
    .select(columns)
    .from(discoveryScans)
    .innerJoin(hostingSites, eq(hostingSites.id, discoveryScans.siteId))
    .innerJoin(edgeDevices, eq(edgeDevices.id, discoveryScans.deviceId))
    .leftJoin(userAccess, eq(userAccess.id, discoveryScans.requestedBy))
    .where(
      and(
        siteInScope(scope, sql`${discoveryScans.siteId}`),
        filter.siteId === undefined ? undefined : eq(discoveryScans.siteId, filter.siteId),
        filter.deviceId === undefined ? undefined : eq(discoveryScans.deviceId, filter.deviceId),
        filter.id === undefined ? undefined : eq(discoveryScans.id, filter.id),
      ),
    )
    .orderBy(
      // What runs stands above what is over.
      sql`${discoveryScans.endedAt} is not null`,
      desc(discoveryScans.requestedAt),
      desc(discoveryScans.id),
    )
    .limit(page.limit)
    .offset(page.offset)
  return rows.map(({ scan: { ranges: _, ...scan }, ...more }) => ({ ...scan, ...more }))
}

export async function countScans(
  db: Executor,
  scope: Scope,
  filter: { siteId?: number | undefined; deviceId?: number | undefined },
): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(discoveryScans)
    .where(
      and(
        siteInScope(scope, sql`${discoveryScans.siteId}`),
        filter.siteId === undefined ? undefined : eq(discoveryScans.siteId, filter.siteId),
        filter.deviceId === undefined ? undefined : eq(discoveryScans.deviceId, filter.deviceId),
      ),
    )
  return row?.count ?? 0
}

/** Ends scans that nobody works on: not fetched since `requestedBefore`, or without news since `silentSince`. */
export async function endLostScans(
  tx: Executor,
  input: { requestedBefore: Date; silentSince: Date; at: Date },
): Promise<{ id: string; siteId: number; deviceId: number }[]> {
  const instant = (at: Date) => sql`${at.toISOString()}::timestamptz`
  return tx.execute<{ id: string; siteId: number; deviceId: number }>(sql`
    update discovery_scans s set ended_at = ${instant(input.at)},
      state = case when s.state = 'requested' then 'failed' when s.state = 'cancelling' then 'cancelled' else 'interrupted' end,
      error = case when s.state = 'requested' then 'The collector did not come for it within a day.'
        when s.state = 'running' then 'The collector told nothing of it any more.' end
    where (s.state = 'requested' and s.requested_at < ${instant(input.requestedBefore)})
      or (s.state in ('running', 'cancelling') and coalesce(s.progress_at, s.started_at) < ${instant(input.silentSince)})
    returning s.id, s.site_id as "siteId", s.device_id as "deviceId"`)
}

/** Scans that ended before go, with what they found. The inbox stays. */
export async function deleteOldScans(tx: Executor, endedBefore: Date): Promise<number> {
  const rows = await tx.execute(sql`
    delete from discovery_scans where ended_at < ${endedBefore.toISOString()}::timestamptz returning id`)
  return rows.length
}

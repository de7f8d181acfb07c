import { type SQL, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { instant, ownedThen } from "./miner-status.ts"
import { minerInScope, type Scope, siteInScope } from "./scope.ts"

export type FleetEvent = {
  id: number
  siteId: number
  siteSlug: string
  siteName: string
  kind: string
  severity: "info" | "warning" | "critical"
  message: string
  at: Date
  miner: { id: number; name: string } | null
  device: { id: number; name: string } | null
}

/**
 * What happened since an instant, newest first, at most `limit`, with how many there are in all. A client is told of
 * his machines only, within the dates of his ownership, and of no collector.
 */
export async function selectFleetEvents(
  db: Executor,
  scope: Scope,
  filter: { siteId?: number | undefined; minerId?: number | undefined; since?: Date; limit: number },
  at: Date,
): Promise<{ rows: FleetEvent[]; total: number }> {
  const where: SQL[] = [
    scope.kind === "owned"
      ? sql`e.miner_id is not null and ${minerInScope(scope, sql`e.site_id`, sql`e.miner_id`, at)}
          and ${ownedThen(scope, sql`e.site_id`, sql`e.miner_id`, sql`e.at`)}`
      : siteInScope(scope, sql`e.site_id`),
  ]
  if (filter.siteId !== undefined) where.push(sql`e.site_id = ${filter.siteId}`)
  if (filter.minerId !== undefined) where.push(sql`e.miner_id = ${filter.minerId}`)
  if (filter.since) where.push(sql`e.at > ${instant(filter.since)}`)
  const rows = await db.execute<Record<string, unknown>>(sql`
    select e.*, s.slug as "siteSlug", s.name as "siteName", coalesce(m.label, m.miner_id) as "minerName", d.name as "deviceName"
    from (
      select e.id, e.site_id as "siteId", e.miner_id as "minerId", e.device_id as "deviceId", e.kind, e.severity, e.message, e.at,
        count(*) over ()::int as total
      from fleet_events e where ${sql.join(where, sql` and `)}
      order by e.at desc, e.id desc limit ${filter.limit}
    ) e
    join hosting_sites s on s.id = e."siteId" and s.archived_at is null
    left join hosting_miners m on m.site_id = e."siteId" and m.id = e."minerId"
    left join edge_devices d on d.id = e."deviceId"
    order by e.at desc, e.id desc`)
  return { rows: rows.map((row) => toEvent(scope, row)), total: Number(rows[0]?.total ?? 0) }
}

function toEvent(scope: Scope, row: Record<string, unknown>): FleetEvent {
  const named = (id: unknown, name: unknown) =>
    id === null ? null : { id: Number(id), name: name === null ? `#${id}` : String(name) }
  return {
    id: Number(row.id),
    siteId: Number(row.siteId),
    siteSlug: String(row.siteSlug),
    siteName: String(row.siteName),
    kind: String(row.kind),
    severity: row.severity as FleetEvent["severity"],
    message: String(row.message),
    at: row.at as Date,
    miner: named(row.minerId, row.minerName),
    device: scope.kind === "owned" ? null : named(row.deviceId, row.deviceName),
  }
}

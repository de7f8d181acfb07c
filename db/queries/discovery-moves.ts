import { and, eq, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { edgeTargets, fleetEvents, hostingMiners } from "../schema/index.ts"

/** What the server keeps of a machine that a collector found at another address. */
export async function findMinerOfKey(tx: Executor, siteId: number, minerId: string) {
  const [row] = await tx
    .select({
      id: hostingMiners.id,
      minerId: hostingMiners.minerId,
      label: hostingMiners.label,
      ipAddress: hostingMiners.ipAddress,
    })
    .from(hostingMiners)
    .where(and(eq(hostingMiners.siteId, siteId), eq(hostingMiners.minerKey, minerId.toLowerCase())))
  return row ?? null
}

/** Whether another machine of the collector is read at an address. */
export async function addressIsShared(
  tx: Executor,
  input: { siteId: number; deviceId: number; address: string; otherThan: number },
): Promise<boolean> {
  const rows = await tx.execute(sql`
    select 1 from hosting_miners where site_id = ${input.siteId} and device_id = ${input.deviceId}
      and ip_address = ${input.address} and id <> ${input.otherThan} and state <> 'retired' limit 1`)
  return rows.length > 0
}

export async function setTargetValue(tx: Executor, targetId: number, value: string, webPort: number | null) {
  await tx.update(edgeTargets).set({ value, webPort }).where(eq(edgeTargets.id, targetId))
}

/** False: the very same move stands there (the collector told it twice). */
export async function insertMoveEvent(
  tx: Executor,
  event: { siteId: number; deviceId: number; minerId: number; message: string; at: Date },
): Promise<boolean> {
  const same = and(
    eq(fleetEvents.siteId, event.siteId),
    eq(fleetEvents.minerId, event.minerId),
    eq(fleetEvents.at, event.at),
    eq(fleetEvents.kind, "miner_moved"),
  )
  const [before] = await tx.select({ id: fleetEvents.id }).from(fleetEvents).where(same)
  if (before) return false
  await tx.insert(fleetEvents).values({ ...event, kind: "miner_moved", severity: "info" })
  return true
}

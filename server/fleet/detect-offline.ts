import { type MissingMiner, markMissingMiners, markSilentCollectors } from "#db/queries/miners-offline.ts"
import { requireAdmin } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"

/**
 * Finds what only silence tells (`decisions.md` 2); a job runs it every minute, two at once are safe, and a second run
 * changes nothing.
 *
 *   collector ──90 s without a sign of life──▶ silent (its machines are unknown, never offline) ──heartbeat──▶ heard
 *   machine ──three intervals without a sample, collector heard all the while──▶ offline ──sample──▶ online (ingest)
 *
 * Spare and retired machines go offline too, for that is what they are, but nobody is told: no event, no live notice.
 */
export async function detectOffline(ctx: Context): Promise<{ miners: number; collectors: number }> {
  requireAdmin(ctx)
  const at = ctx.now()
  return ctx.db.transaction(async (tx) => {
    const collectors = await markSilentCollectors(tx, at)
    const miners = await markMissingMiners(tx, at)
    const when = at.toISOString()
    for (const { siteId, deviceId } of collectors)
      await notifyLive(tx, { kind: "collector", siteId, deviceId, at: when })
    for (const [siteId, minerIds] of activeBySite(miners))
      await notifyLive(tx, { kind: "miners", siteId, minerIds, change: "offline", at: when })
    if (collectors.length + miners.length > 0)
      ctx.log.info({ collectors: collectors.length, miners: miners.length }, "found offline")
    return { miners: miners.length, collectors: collectors.length }
  })
}

function activeBySite(miners: readonly MissingMiner[]): Map<number, number[]> {
  const bySite = new Map<number, number[]>()
  for (const { siteId, minerId, active } of miners)
    if (active) bySite.set(siteId, [...(bySite.get(siteId) ?? []), minerId])
  return bySite
}

import { findInstance, insertDeviceEvent, storeBeat } from "#db/queries/edge-devices.ts"
import { type HeartbeatAnswer, type HeartbeatInput, heartbeatInputSchema } from "#server/contract/edge.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { heldByAnother, silentSince } from "./claim-instance.ts"
import { requireDevice } from "./require-device.ts"

const INT32_MAX = 2_147_483_647

/**
 * Stores what a collector tells of itself and claims the device for its process. A collector that had fallen silent
 * is back: that is an event. `clock_offset_ms` = the edge's clock minus ours, its way here included. Throws CONFLICT
 * as `claimInstance` does.
 */
export async function recordHeartbeat(ctx: Context, input: HeartbeatInput): Promise<HeartbeatAnswer> {
  const { deviceId, siteId } = requireDevice(ctx)
  const beat = parseInput(heartbeatInputSchema, input)
  const at = ctx.now()
  const offsetMs = new Date(beat.edge_time).getTime() - at.getTime()
  const answer = await ctx.db.transaction(async (tx) => {
    const before = await storeBeat(
      tx,
      {
        deviceId,
        instanceId: beat.instance_id,
        edgeVersion: beat.edge_version,
        configVersion: beat.config_version,
        // A clock of 1970 does not fit: then the column says "more than 24 days".
        clockOffsetMs: Math.max(-INT32_MAX, Math.min(INT32_MAX, offsetMs)),
        minersKnown: beat.miners_known,
        minersOnline: beat.miners_online,
        spool: beat.spool,
        rssBytes: beat.rss_bytes,
        lastPollCycleMs: beat.last_poll_cycle_ms === null ? null : Math.round(beat.last_poll_cycle_ms),
        unackedResults: beat.unacked_results,
      },
      silentSince(at),
      at,
    )
    if (!before) return null
    if (before.silentSince)
      await insertDeviceEvent(tx, {
        siteId,
        deviceId,
        kind: "collector_back",
        severity: "info",
        message: `Collector ${before.name} is back after ${duration(at.getTime() - before.silentSince.getTime())}.`,
        at,
      })
    // Pages read again when something they show as a state moved, not with every beat.
    const spoolMoved = (before.spoolBatches ?? 0) > 0 !== beat.spool.batches > 0
    const worthTelling =
      before.silentSince !== null ||
      before.spoolBatches === null ||
      before.edgeVersion !== beat.edge_version ||
      before.instanceId !== beat.instance_id ||
      spoolMoved
    if (worthTelling) await notifyLive(tx, { kind: "collector", siteId, deviceId, at: at.toISOString() })
    return { server_time: at.toISOString(), config_version: before.siteConfigVersion }
  })
  if (!answer) throw heldByAnother(at, (await findInstance(ctx.sql, deviceId))?.lastSeenAt ?? null)
  return answer
}

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return `${Math.max(1, Math.round(ms / 1000))} s`
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

import { insertDeviceEvent } from "#db/queries/edge-devices.ts"
import { SAMPLE_MAX_AGE_MS, SAMPLE_MAX_AHEAD_MS } from "#server/contract/budgets.ts"
import { type EdgeEventInput, edgeEventInputSchema } from "#server/contract/edge.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { requireDevice } from "./require-device.ts"

/** Keeps what a collector tells as an event of its site. One that is sent again is taken once; a wild clock gets our time. */
export async function recordEdgeEvent(ctx: Context, input: EdgeEventInput): Promise<{ recorded: boolean }> {
  const { deviceId, siteId, name } = requireDevice(ctx)
  const event = parseInput(edgeEventInputSchema, input)
  const now = ctx.now()
  const told = new Date(event.at)
  const aheadMs = told.getTime() - now.getTime()
  const at = aheadMs > SAMPLE_MAX_AHEAD_MS || aheadMs < -SAMPLE_MAX_AGE_MS ? now : told
  return ctx.db.transaction(async (tx) => {
    const recorded = await insertDeviceEvent(tx, {
      siteId,
      deviceId,
      kind: "edge_event",
      severity: event.severity,
      message: `${name}: ${event.message}`,
      at,
    })
    if (recorded) await notifyLive(tx, { kind: "collector", siteId, deviceId, at: now.toISOString() })
    return { recorded }
  })
}

import type { z } from "zod"
import type { Transaction } from "#db/client.ts"
import { insertThermalEvents, type StoredThermalEvent } from "#db/queries/thermal-events.ts"
import { replaceThermalHolds } from "#db/queries/thermal-holds.ts"
import { type ThermalAnswer, type ThermalEventKind, thermalInputSchema } from "#server/contract/thermal.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import { claimInstance } from "../collectors/claim-instance.ts"
import { requireDevice } from "../collectors/require-device.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"

/** Acts and their failures are accountable; what was only seen is not. */
const AUDITED: Partial<Record<ThermalEventKind, string>> = {
  action: "thermal.action",
  failed: "thermal.fail",
  resumed: "thermal.resume",
  released: "thermal.release",
}

/**
 * Takes the events of a collector's thermal guard, each id once however often it is sent, and what it holds now; all in
 * one transaction. The audit log gets one row for each act. Throws CONFLICT as `claimInstance` does.
 */
export async function recordThermal(
  ctx: Context,
  input: z.input<typeof thermalInputSchema>,
): Promise<ThermalAnswer> {
  const { siteId, deviceId } = requireDevice(ctx)
  const { instance_id, events, holds } = parseInput(thermalInputSchema, input)
  await claimInstance(ctx, { instanceId: instance_id })
  const device = { siteId, deviceId }
  const at = ctx.now()
  return ctx.db.transaction(async (tx) => {
    const stored = events.length === 0 ? [] : await insertThermalEvents(tx, device, events, at)
    const moved = holds === undefined ? [] : await replaceThermalHolds(tx, device, holds, at)
    for (const event of stored) await audit(tx, ctx, siteId, event)
    const minerIds = [...new Set([...moved, ...stored.flatMap((event) => event.minerId ?? [])])]
    if (minerIds.length > 0)
      await notifyLive(tx, { kind: "miners", siteId, minerIds, change: "thermal", at: at.toISOString() })
    return { recorded: stored.length, duplicates: events.length - stored.length }
  })
}

async function audit(
  tx: Transaction,
  ctx: Context,
  siteId: number,
  event: StoredThermalEvent,
): Promise<void> {
  const action = AUDITED[event.kind]
  if (action === undefined) return
  await writeAudit(tx, ctx, {
    action,
    siteId,
    subjectType: "miner",
    subjectId: event.minerId ?? event.minerName,
    details: {
      event: event.eventId,
      at: event.at.toISOString(),
      step: event.action,
      temperature_c: event.temperatureC,
      message: event.message,
    },
  })
}

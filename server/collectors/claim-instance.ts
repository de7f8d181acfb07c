import { findInstance, takeDevice } from "#db/queries/edge-devices.ts"
import { COLLECTOR_SILENT_MS } from "#server/contract/budgets.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Context } from "../context.ts"
import { requireDevice } from "./require-device.ts"

/**
 * Holds a device for one process: the one that has it, or any after that was silent for 90 s. Throws CONFLICT with the
 * seconds to wait for another one, which is what two machines with a copy of one key get. Writes only when it changes hands.
 */
export async function claimInstance(ctx: Context, input: { instanceId: string }): Promise<void> {
  const { deviceId } = requireDevice(ctx)
  const held = await findInstance(ctx.sql, deviceId)
  if (held?.instanceId === input.instanceId) return
  const at = ctx.now()
  const taken = await takeDevice(ctx.db, {
    deviceId,
    instanceId: input.instanceId,
    silentSince: silentSince(at),
    at,
  })
  if (!taken) throw heldByAnother(at, held?.lastSeenAt ?? null)
}

/** Who was last seen then or before is silent now. */
export function silentSince(at: Date): Date {
  return new Date(at.getTime() - COLLECTOR_SILENT_MS)
}

export function heldByAnother(at: Date, lastSeenAt: Date | null): DomainError {
  const leftMs = (lastSeenAt ?? at).getTime() + COLLECTOR_SILENT_MS - at.getTime()
  return new DomainError(
    "CONFLICT",
    "Another process uses this collector key. It must be silent for 90 s before a new one can take its place.",
    { retryAfterS: Math.max(1, Math.ceil(leftMs / 1000)) },
  )
}

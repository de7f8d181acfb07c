import { revokeDevice } from "#db/queries/collectors.ts"
import { deleteSealsOf } from "#db/queries/credentials.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyCommands, notifyLive } from "../live/notify-live.ts"
import { requireManagedDevice } from "./managed-device.ts"

/** Ends a collector and its keys at once. `revoked` is false when that was done before. */
export async function revokeCollector(
  ctx: Context,
  input: { deviceId: number },
): Promise<{ revoked: boolean }> {
  const { id: deviceId, siteId, name } = await requireManagedDevice(ctx, input.deviceId)
  return ctx.db.transaction(async (tx) => {
    const at = ctx.now()
    const by = ctx.actor.kind === "user" ? ctx.actor.userId : null
    const revoked = await revokeDevice(tx, { siteId, deviceId, by, at })
    if (!revoked) return { revoked }
    await deleteSealsOf(tx, { siteId, deviceId })
    await writeAudit(tx, ctx, {
      action: "collector.revoke",
      siteId,
      subjectType: "collector",
      subjectId: deviceId,
      details: { name },
    })
    await notifyLive(tx, { kind: "collector", siteId, deviceId, at: at.toISOString() })
    // Its open poll looks at its key again, and ends.
    await notifyCommands(tx, deviceId)
    return { revoked }
  })
}

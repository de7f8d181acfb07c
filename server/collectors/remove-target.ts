import { deleteTarget } from "#db/queries/collectors.ts"
import { bumpConfigVersion, lockSite } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { requireManagedDevice } from "./managed-device.ts"

/** Takes a target from a collector. Its machines stay in the list and become unknown. Throws NOT_FOUND. */
export async function removeTarget(
  ctx: Context,
  input: { deviceId: number; targetId: number },
): Promise<void> {
  const { id: deviceId, siteId } = await requireManagedDevice(ctx, input.deviceId)
  await ctx.db.transaction(async (tx) => {
    await lockSite(tx, siteId)
    const target = await deleteTarget(tx, deviceId, input.targetId)
    if (!target) throw new DomainError("NOT_FOUND", "The collector has no such target.")
    await bumpConfigVersion(tx, siteId)
    await writeAudit(tx, ctx, {
      action: "collector.remove-target",
      siteId,
      subjectType: "collector",
      subjectId: deviceId,
      before: {
        targetId: target.id,
        value: target.value,
        webPort: target.webPort,
        family: target.family,
        enabled: target.enabled,
      },
    })
    await notifyLive(tx, { kind: "collector", siteId, deviceId, at: ctx.now().toISOString() })
  })
}

import { setTargetEnabledRow } from "#db/queries/collectors.ts"
import { bumpConfigVersion, lockSite } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { requireManagedDevice } from "./managed-device.ts"

/** Lets a collector look at a target, or leave it alone. Throws NOT_FOUND. */
export async function setTargetEnabled(
  ctx: Context,
  input: { deviceId: number; targetId: number; enabled: boolean },
): Promise<void> {
  const { id: deviceId, siteId } = await requireManagedDevice(ctx, input.deviceId)
  const { targetId, enabled } = input
  await ctx.db.transaction(async (tx) => {
    await lockSite(tx, siteId)
    const set = await setTargetEnabledRow(tx, { deviceId, targetId, enabled })
    if (!set) throw new DomainError("NOT_FOUND", "The collector has no such target.")
    if (!set.changed) return
    await bumpConfigVersion(tx, siteId)
    await writeAudit(tx, ctx, {
      action: enabled ? "collector.enable-target" : "collector.disable-target",
      siteId,
      subjectType: "collector",
      subjectId: deviceId,
      details: { targetId, value: set.target.value },
    })
    await notifyLive(tx, { kind: "collector", siteId, deviceId, at: ctx.now().toISOString() })
  })
}

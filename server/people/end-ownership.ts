import { findOwnership, lockOwnersAt, setOwnershipEnd } from "#db/queries/ownership.ts"
import { DomainError } from "#server/contract/errors.ts"
import { requirePermission } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { correctOwnerTotals } from "../telemetry/correct-owner-totals.ts"
import { refused } from "./person-input.ts"

/** Ends one ownership at an instant after its beginning. Throws CONFLICT when it ends by then already. */
export async function endOwnership(
  ctx: Context,
  input: { siteId: number; id: number; toAt?: Date },
): Promise<void> {
  const { siteId, id } = input
  requirePermission(ctx, "MINER_EDIT", siteId, "FULL")
  const toAt = input.toAt ?? ctx.now()
  await ctx.db.transaction(async (tx) => {
    await lockOwnersAt(tx, [siteId])
    const own = await findOwnership(tx, siteId, id)
    if (!own) throw new DomainError("NOT_FOUND", "There is no such ownership.")
    if (toAt <= own.fromAt) throw refused("toAt", "The end must lie after the beginning.")
    if (own.toAt && own.toAt <= toAt) throw new DomainError("CONFLICT", "This ownership is over by then.")
    await setOwnershipEnd(tx, siteId, id, toAt)
    await correctOwnerTotals(tx, ctx, { siteIds: [siteId], userIds: [own.userId], fromAt: toAt })
    await writeAudit(tx, ctx, {
      action: "owner.end",
      siteId,
      subjectType: "miner",
      subjectId: own.minerId,
      before: { userId: own.userId, toAt: own.toAt?.toISOString() ?? null },
      after: { userId: own.userId, toAt: toAt.toISOString() },
    })
    const at = ctx.now().toISOString()
    await notifyLive(tx, { kind: "miners", siteId, minerIds: [own.minerId], change: "edited", at })
  })
}

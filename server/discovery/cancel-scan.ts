import { z } from "zod"
import { lockScan, updateScan } from "#db/queries/discovery-scans.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyCommands, notifyLive } from "../live/notify-live.ts"

export const cancelScanInput = z.object({ scanId: z.uuid() })

/**
 * Ends a scan. One that nobody began is over at once; one that runs ends when its collector hears of it, and a second
 * cancelling does not wait for that. What it found stays. Throws NOT_FOUND, CONFLICT for one that is over.
 */
export async function cancelScan(
  ctx: Context,
  input: z.input<typeof cancelScanInput>,
): Promise<{ state: "cancelling" | "cancelled" }> {
  const { scanId } = parseInput(cancelScanInput, input)
  return ctx.db.transaction(async (tx) => {
    const scan = await lockScan(tx, scopeOf(ctx.actor, "COLLECTOR_MANAGE", "READ"), scanId)
    if (!scan) throw new DomainError("NOT_FOUND", "There is no such scan.")
    const { siteId, deviceId } = scan
    requirePermission(ctx, "COLLECTOR_MANAGE", siteId, "FULL")
    if (scan.endedAt) throw new DomainError("CONFLICT", "This scan is over.")
    const at = ctx.now()
    const state = scan.state === "running" ? ("cancelling" as const) : ("cancelled" as const)
    await updateScan(tx, scanId, { state, progressAt: at, ...(state === "cancelled" ? { endedAt: at } : {}) })
    await writeAudit(tx, ctx, {
      action: "discovery.cancel-scan",
      siteId,
      subjectType: "scan",
      subjectId: scanId,
      before: { state: scan.state },
      after: { state },
    })
    await notifyCommands(tx, deviceId)
    await notifyLive(tx, { kind: "discovery", siteId, deviceId, at: at.toISOString() })
    return { state }
  })
}

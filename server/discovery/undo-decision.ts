import { z } from "zod"
import { deleteTarget } from "#db/queries/collectors.ts"
import { selectDecidable, undoRows } from "#db/queries/discovered.ts"
import { bumpConfigVersion, lockSite } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"

export const undoDecisionInput = z.object({ decisionId: z.uuid("There is nothing to take back.") })

/**
 * Takes an acceptance or an ignoring back: the machines are in the inbox as before, and the targets that the acceptance
 * made are gone. Machines that were read meanwhile stay in the list. Throws NOT_FOUND when there is nothing (any more).
 */
export async function undoDecision(
  ctx: Context,
  input: z.input<typeof undoDecisionInput>,
): Promise<{ machines: number; targets: number }> {
  const { decisionId } = parseInput(undoDecisionInput, input)
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  return ctx.db.transaction(async (tx) => {
    const scope = scopeOf(ctx.actor, "COLLECTOR_MANAGE", "READ")
    const rows = ctx.actor.kind === "device" ? [] : await selectDecidable(tx, scope, { decisionId })
    if (rows.length === 0) throw new DomainError("NOT_FOUND", "There is nothing to take back.")
    const result = { machines: 0, targets: 0 }
    const at = ctx.now().toISOString()
    for (const [siteId, ofSite] of Map.groupBy(rows, (row) => row.siteId)) {
      requirePermission(ctx, "COLLECTOR_MANAGE", siteId, "FULL")
      await lockSite(tx, siteId)
      const undone = await undoRows(tx, siteId, decisionId)
      const devices = new Set(ofSite.map((row) => row.deviceId))
      const removed: string[] = []
      for (const deviceId of devices) {
        for (const targetId of undone.targetIds) {
          const target = await deleteTarget(tx, deviceId, targetId)
          if (target) removed.push(target.value)
        }
        await notifyLive(tx, { kind: "discovery", siteId, deviceId, at })
        await notifyLive(tx, { kind: "collector", siteId, deviceId, at })
      }
      if (removed.length > 0) await bumpConfigVersion(tx, siteId)
      await writeAudit(tx, ctx, {
        action: "discovery.undo",
        siteId,
        subjectType: "discovery",
        subjectId: decisionId,
        before: { machines: undone.rows, targets: removed.slice(0, 50) },
      })
      result.machines += undone.rows
      result.targets += removed.length
    }
    return result
  })
}

import { z } from "zod"
import { askForRetry } from "#db/queries/credentials-refused.ts"
import { bumpConfigVersion, lockSite } from "#db/queries/sites.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { siteIdInput } from "./credential-subject.ts"
import { tellLoginsChanged } from "./tell-logins-changed.ts"

export const tryLoginsAgainInput = z.object({
  siteId: siteIdInput,
  /** Absent: all of the site that wait. */
  minerIds: z.array(z.number().int().positive()).min(1).max(500).optional(),
})

/**
 * Lets the collectors try the login of refused machines once more now, instead of an hour after the refusal: somebody
 * mended it at the machine. `asked`: how many wait. Throws FORBIDDEN, NOT_FOUND.
 */
export async function tryLoginsAgain(
  ctx: Context,
  input: z.input<typeof tryLoginsAgainInput>,
): Promise<{ asked: number }> {
  requirePermission(ctx, "COLLECTOR_MANAGE", input.siteId, "FULL")
  const { siteId, minerIds } = parseInput(tryLoginsAgainInput, input)
  return ctx.db.transaction(async (tx) => {
    await lockSite(tx, siteId)
    const asked = await askForRetry(tx, siteId, {
      minerIds: minerIds ?? null,
      userId: ctx.actor.kind === "user" ? ctx.actor.userId : null,
      at: ctx.now(),
    })
    if (asked.length === 0) return { asked: 0 }
    await bumpConfigVersion(tx, siteId)
    await writeAudit(tx, ctx, {
      action: "login.retry",
      siteId,
      subjectType: "site",
      subjectId: siteId,
      details: { machines: asked.length, ...(minerIds?.length === 1 ? { minerId: minerIds[0] } : {}) },
    })
    await tellLoginsChanged(tx, ctx, siteId, asked)
    return { asked: asked.length }
  })
}

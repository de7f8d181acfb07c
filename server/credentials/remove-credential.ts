import { z } from "zod"
import { deleteCredential } from "#db/queries/credentials.ts"
import { bumpConfigVersion, lockSite } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { siteIdInput } from "./credential-subject.ts"
import { tellLoginsChanged } from "./tell-logins-changed.ts"

export const removeCredentialInput = z.object({ siteId: siteIdInput, id: z.uuid() })

/** Takes a login away from the collectors; the machines keep theirs. Throws FORBIDDEN, NOT_FOUND. */
export async function removeCredential(
  ctx: Context,
  input: z.input<typeof removeCredentialInput>,
): Promise<void> {
  requirePermission(ctx, "COLLECTOR_MANAGE", input.siteId, "FULL")
  const { siteId, id } = parseInput(removeCredentialInput, input)
  await ctx.db.transaction(async (tx) => {
    await lockSite(tx, siteId)
    const removed = await deleteCredential(tx, siteId, id)
    if (!removed) throw new DomainError("NOT_FOUND", "There is no such login.")
    await bumpConfigVersion(tx, siteId)
    await writeAudit(tx, ctx, {
      action: "login.remove",
      siteId,
      subjectType: "login",
      subjectId: id,
      before: removed,
    })
    await tellLoginsChanged(tx, ctx, siteId, removed.minerId === null ? [] : [removed.minerId])
  })
}

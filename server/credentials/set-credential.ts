import { z } from "zod"
import { putCredentials, putSeals } from "#db/queries/credentials.ts"
import { selectSealingKeys } from "#db/queries/sealed-secrets.ts"
import { bumpConfigVersion, lockSite } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { minerPasswordSchema, minerUsernameSchema } from "#server/contract/miner-credentials.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import { sealToAll } from "../commands/seal-secrets.ts"
import type { Context } from "../context.ts"
import { credentialSubjectInput, resolveSubject, siteIdInput } from "./credential-subject.ts"
import { tellLoginsChanged } from "./tell-logins-changed.ts"

export const setCredentialInput = z.object({
  siteId: siteIdInput,
  subject: credentialSubjectInput,
  username: minerUsernameSchema,
  password: minerPasswordSchema,
})

/**
 * Assigns a login that machines have: nothing changes on them. The password is sealed to every collector of the site
 * and kept in no other form; `sealedTo`: how many can open it. Throws FORBIDDEN, NOT_FOUND for a foreign site or
 * machine, INVALID, and CONFLICT when the site has no collector to seal to.
 */
export async function setCredential(
  ctx: Context,
  input: z.input<typeof setCredentialInput>,
): Promise<{ id: string; version: number; sealedTo: number }> {
  requirePermission(ctx, "COLLECTOR_MANAGE", input.siteId, "FULL")
  const { siteId, subject: given, username, password } = parseInput(setCredentialInput, input)
  return ctx.db.transaction(async (tx) => {
    if (!(await lockSite(tx, siteId))) throw new DomainError("NOT_FOUND", "There is no such site.")
    const subject = await resolveSubject(tx, siteId, given)
    const seals = sealToAll(ctx, await selectSealingKeys(tx, siteId), { passwords: [password] }, "login")
    if (seals.length === 0)
      throw new DomainError(
        "CONFLICT",
        "The site has no collector that could keep the password: enrol one first.",
      )
    const by = { userId: ctx.actor.kind === "user" ? ctx.actor.userId : null, at: ctx.now(), commandId: null }
    const [put] = await putCredentials(tx, siteId, [{ ...subject, username }], by)
    if (!put) throw new Error("a login was not stored")
    await putSeals(tx, siteId, [put.id], seals)
    await bumpConfigVersion(tx, siteId)
    await writeAudit(tx, ctx, {
      action: put.usernameBefore === null ? "login.set" : "login.replace",
      siteId,
      subjectType: "login",
      subjectId: put.id,
      before: put.usernameBefore === null ? null : { username: put.usernameBefore, version: put.version - 1 },
      after: { ...subject, username, version: put.version },
      details: { collectors: seals.length },
    })
    await tellLoginsChanged(tx, ctx, siteId, subject.minerId === null ? [] : [subject.minerId])
    return { id: put.id, version: put.version, sealedTo: seals.length }
  })
}

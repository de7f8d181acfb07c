import { z } from "zod"
import { updatePassword } from "#db/queries/accounts.ts"
import {
  cancelAccountLinks,
  deleteSessionsOf,
  findAccountLink,
  useAccountLink,
} from "#db/queries/sessions.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { checkPasswordPolicy, hashPassword, PASSWORD_MAX_LENGTH } from "./password.ts"
import { hashSecret } from "./secret-token.ts"
import { attemptSucceeded } from "./throttle.ts"

export const setPasswordByLinkInput = z.object({
  token: z.string().min(1).max(128),
  newPassword: z.string().max(PASSWORD_MAX_LENGTH),
})

/**
 * Sets the password of a one-time link's account, uses the link up and ends every session of the account. Throws
 * NOT_FOUND when the link is used, over or wrong; INVALID for a bad password, which leaves the link usable.
 */
export async function setPasswordByLink(
  ctx: Context,
  input: z.input<typeof setPasswordByLinkInput>,
): Promise<{ email: string }> {
  const { token, newPassword } = parseInput(setPasswordByLinkInput, input)
  const tokenHash = hashSecret(token)
  const account = await findAccountLink(ctx.db, tokenHash, ctx.now())
  if (!account) throw gone()
  checkPasswordPolicy(newPassword, account.email)
  const passwordHash = await hashPassword(newPassword)

  return ctx.db.transaction(async (tx) => {
    const at = ctx.now()
    if (!(await useAccountLink(tx, tokenHash, at))) throw gone()
    if (!(await updatePassword(tx, { userId: account.userId, passwordHash, at }))) throw gone()
    await cancelAccountLinks(tx, account.userId, at)
    const endedSessions = await deleteSessionsOf(tx, account.userId)
    await attemptSucceeded(tx, { ...ctx, address: null }, account.email)
    await writeAudit(tx, ctx, {
      action: "user.set-password-by-link",
      siteId: null,
      subjectType: "user",
      subjectId: account.userId,
      details: { email: account.email, endedSessions },
    })
    return { email: account.email }
  })
}

function gone(): DomainError {
  return new DomainError("NOT_FOUND", "This link was used or is over. Ask for a new one.")
}

import { z } from "zod"
import { findAccount, updatePassword } from "#db/queries/accounts.ts"
import { cancelAccountLinks, deleteSessionsOf } from "#db/queries/sessions.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requireUser } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { checkPasswordPolicy, hashPassword, PASSWORD_MAX_LENGTH, verifyPassword } from "./password.ts"
import { attemptSucceeded, beginAttempt } from "./throttle.ts"

export const changePasswordInput = z.object({
  currentPassword: z.string().min(1, "Give the password you use now.").max(PASSWORD_MAX_LENGTH),
  newPassword: z.string().max(PASSWORD_MAX_LENGTH),
})

/**
 * Changes one's own password and ends one's other sessions and open links. Throws INVALID for a wrong current
 * password or a bad new one, RATE_LIMITED after too many wrong ones.
 */
export async function changePassword(
  ctx: Context,
  input: z.input<typeof changePasswordInput>,
): Promise<{ endedSessions: number }> {
  const actor = requireUser(ctx)
  const { currentPassword, newPassword } = parseInput(changePasswordInput, input)
  checkPasswordPolicy(newPassword, actor.email)
  if (newPassword === currentPassword)
    throw invalid("newPassword", "The new password is the one you have already.")

  await beginAttempt(ctx, actor.email)
  const account = await findAccount(ctx.db, actor.userId)
  const right = await verifyPassword(account?.passwordHash ?? null, currentPassword)
  if (!account?.passwordHash || !right) throw invalid("currentPassword", "The current password is wrong.")
  const before = account.passwordHash
  const passwordHash = await hashPassword(newPassword)

  return ctx.db.transaction(async (tx) => {
    await attemptSucceeded(tx, ctx, actor.email)
    const at = ctx.now()
    if (!(await updatePassword(tx, { userId: actor.userId, passwordHash, replacing: before, at })))
      throw new DomainError("CONFLICT", "The password was changed elsewhere at the same moment.")
    const endedSessions = await deleteSessionsOf(tx, actor.userId, actor.sessionId)
    await cancelAccountLinks(tx, actor.userId, at)
    await writeAudit(tx, ctx, {
      action: "user.change-password",
      siteId: null,
      subjectType: "user",
      subjectId: actor.userId,
      details: { endedSessions },
    })
    return { endedSessions }
  })
}

function invalid(path: string, message: string): DomainError {
  return new DomainError("INVALID", message, { details: [{ path, message }] })
}

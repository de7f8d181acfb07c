import { lockAdmins } from "#db/queries/accounts.ts"
import { updateAccount } from "#db/queries/people.ts"
import { cancelAccountLinks, deleteSessionsOf } from "#db/queries/sessions.ts"
import { DomainError } from "#server/contract/errors.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { lockManagedAccount, requireOverAccount, requirePeopleScope } from "./people-authority.ts"
import { refuseLastAdmin } from "./update-user.ts"

/**
 * Shuts an account, which ends its sessions and links at once, or opens it again. Throws CONFLICT for oneself and for
 * the last admin. Nothing happens when it is so already.
 */
export async function setUserDisabled(
  ctx: Context,
  input: { userId: number; disabled: boolean },
): Promise<void> {
  requirePeopleScope(ctx)
  const { userId, disabled } = input
  await ctx.db.transaction(async (tx) => {
    await lockAdmins(tx)
    const { account, authority } = await lockManagedAccount(tx, ctx, userId)
    requireOverAccount(authority)
    if ((account.disabledAt !== null) === disabled) return
    if (ctx.actor.kind === "user" && ctx.actor.userId === userId)
      throw new DomainError("CONFLICT", "You cannot disable yourself.")
    if (disabled) await refuseLastAdmin(tx, account)
    const at = ctx.now()
    await updateAccount(tx, userId, { disabledAt: disabled ? at : null })
    const endedSessions = disabled ? await deleteSessionsOf(tx, userId) : 0
    if (disabled) await cancelAccountLinks(tx, userId, at)
    await writeAudit(tx, ctx, {
      action: disabled ? "user.disable" : "user.enable",
      siteId: null,
      subjectType: "user",
      subjectId: userId,
      details: { email: account.email, endedSessions },
    })
  })
}

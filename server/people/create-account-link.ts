import { DomainError } from "#server/contract/errors.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { type AccountLink, issueLink } from "./issue-link.ts"
import { lockManagedAccount, requireOverAccount, requirePeopleScope } from "./people-authority.ts"

/** A new one-time link that sets a person's password, good for 72 h, shown once; earlier links stop working. */
export async function createAccountLink(ctx: Context, input: { userId: number }): Promise<AccountLink> {
  requirePeopleScope(ctx)
  return ctx.db.transaction(async (tx) => {
    const { account, authority } = await lockManagedAccount(tx, ctx, input.userId)
    requireOverAccount(authority)
    if (account.disabledAt) throw new DomainError("CONFLICT", "The account is disabled. Enable it first.")
    const link = await issueLink(tx, ctx, account.id)
    await writeAudit(tx, ctx, {
      action: "user.create-link",
      siteId: null,
      subjectType: "user",
      subjectId: account.id,
      details: { email: account.email, expiresAt: link.expiresAt.toISOString() },
    })
    return link
  })
}

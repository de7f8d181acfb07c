import type { Executor } from "#db/client.ts"
import { replaceAccountLink } from "#db/queries/sessions.ts"
import { ACCOUNT_LINK_TTL_MS } from "#server/contract/budgets.ts"
import { createLinkToken, hashSecret } from "../auth/secret-token.ts"
import type { Context } from "../context.ts"

export type AccountLink = { token: string; expiresAt: Date }

/** A new one-time link for an account, in the caller's transaction; earlier ones stop working. */
export async function issueLink(executor: Executor, ctx: Context, userId: number): Promise<AccountLink> {
  const token = createLinkToken()
  const at = ctx.now()
  const expiresAt = new Date(at.getTime() + ACCOUNT_LINK_TTL_MS)
  const createdBy = ctx.actor.kind === "user" ? ctx.actor.userId : null
  await replaceAccountLink(executor, { tokenHash: hashSecret(token), userId, createdBy, expiresAt, at })
  return { token, expiresAt }
}

import { findAccountLink } from "#db/queries/sessions.ts"
import type { Context } from "../context.ts"
import { hashSecret } from "./secret-token.ts"

/** Whose password a one-time link sets; null when it is used, over or wrong. The link is not used up by looking. */
export async function readAccountLink(
  ctx: Context,
  input: { token: string },
): Promise<{ email: string; name: string } | null> {
  const account = await findAccountLink(ctx.db, hashSecret(input.token), ctx.now())
  return account && { email: account.email, name: account.name }
}

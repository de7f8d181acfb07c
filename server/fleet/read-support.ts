import { DomainError } from "#server/contract/errors.ts"
import type { FamilySupport } from "#server/contract/support.ts"
import { SUPPORT } from "#server/contract/support-matrix.ts"
import type { Context } from "../context.ts"

/** What this release's drivers can, family by family; the same for everyone who is logged in. */
export async function readSupport(ctx: Context): Promise<{ families: readonly FamilySupport[] }> {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  return { families: SUPPORT }
}

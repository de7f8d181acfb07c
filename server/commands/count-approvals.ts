import { countCommandsMatching } from "#db/queries/commands-read.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Context } from "../context.ts"
import { commandScopeOf } from "./command-scope.ts"

/** How many rows `listApprovals` has. */
export async function countApprovals(ctx: Context): Promise<number> {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  return countCommandsMatching(ctx.db, commandScopeOf(ctx), { statuses: ["PENDING_APPROVAL"] })
}

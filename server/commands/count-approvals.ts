import { countCommandsMatching } from "#db/queries/commands-read.ts"
import type { Context } from "../context.ts"
import { commandScopeOf } from "./command-scope.ts"

/** How many commands wait for a second person at the sites the actor may read. Throws UNAUTHENTICATED. */
export async function countApprovals(ctx: Context): Promise<number> {
  return countCommandsMatching(ctx.db, commandScopeOf(ctx), { statuses: ["PENDING_APPROVAL"] })
}

import { type CommandListRow, selectCommandPage } from "#db/queries/commands-read.ts"
import { DomainError } from "#server/contract/errors.ts"
import { levelAt } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { commandScopeOf } from "./command-scope.ts"

export type ApprovalRow = CommandListRow & { can: { approve: boolean; deny: boolean } }

const MAX_ROWS = 200

/** What waits for a second person at the sites the actor may read, with whether he may be that person. */
export async function listApprovals(ctx: Context): Promise<ApprovalRow[]> {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const rows = await selectCommandPage(
    ctx.db,
    commandScopeOf(ctx),
    { statuses: ["PENDING_APPROVAL"] },
    { limit: MAX_ROWS, offset: 0 },
  )
  const userId = ctx.actor.kind === "user" ? ctx.actor.userId : null
  return rows.map((row) => {
    const may =
      levelAt(ctx.actor, "REMOTE_CONTROL_EXECUTE", row.siteId) === "FULL" && row.requestedBy !== userId
    return { ...row, can: { approve: may, deny: may } }
  })
}

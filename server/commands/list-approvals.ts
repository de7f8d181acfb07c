import { selectApprovals } from "#db/queries/commands-approvals.ts"
import { type PoolChange, selectPoolChanges } from "#db/queries/commands-pool-changes.ts"
import { type CommandListRow, selectCommandPage } from "#db/queries/commands-read.ts"
import { type StoredAction, storedActionSchema } from "#server/contract/command-parameters.ts"
import { levelAt } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { commandScopeOf } from "./command-scope.ts"

export type ApprovalRow = CommandListRow & {
  action: StoredAction
  /** To be sent back with the approval: it stands for what this row shows. */
  fingerprint: string
  backupFirst: boolean
  waveSize: number | null
  /** CHANGE_POOL: where its machines mine now against where they would, as in the preview. */
  pools: PoolChange[] | null
  can: { approve: boolean; deny: boolean }
}

const MAX_ROWS = 200

/** What waits for a second person at the sites the actor may read, newest first, with whether he may be that person. */
export async function listApprovals(ctx: Context): Promise<ApprovalRow[]> {
  const scope = commandScopeOf(ctx)
  const page = { limit: MAX_ROWS, offset: 0 }
  const rows = await selectCommandPage(ctx.db, scope, { statuses: ["PENDING_APPROVAL"] }, page)
  const facts = new Map((await selectApprovals(ctx.db, rows)).map((row) => [row.id, row]))
  const userId = ctx.actor.kind === "user" ? ctx.actor.userId : null
  const approvals: ApprovalRow[] = []
  for (const row of rows) {
    const fact = facts.get(row.id)
    // Decided on since the page was read.
    if (!fact) continue
    const may =
      userId !== null &&
      levelAt(ctx.actor, "REMOTE_CONTROL_EXECUTE", row.siteId) === "FULL" &&
      fact.requestedBy !== userId
    const { fingerprint, backupFirst, waveSize, targetIds } = fact
    const action = storedActionSchema.parse({ type: row.type, parameters: row.parameters })
    const pools =
      action.type === "CHANGE_POOL"
        ? await selectPoolChanges(ctx.db, scopeOf(ctx.actor, "MINER_VIEW"), {
            minerIds: targetIds,
            change: action.parameters,
            at: ctx.now(),
          })
        : null
    const can = { approve: may, deny: may }
    approvals.push({ ...row, action, fingerprint, backupFirst, waveSize, pools: pools && [...pools], can })
  }
  return approvals
}

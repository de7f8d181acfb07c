import { z } from "zod"
import { selectCommand, skipPendingResults } from "#db/queries/commands.ts"
import { cancelPendingRows } from "#db/queries/commands-edge.ts"
import { lockCommandState } from "#db/queries/commands-state.ts"
import { clearHalt } from "#db/queries/commands-waves.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { levelAt } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { seesCommand } from "./command-scope.ts"
import { concludeCommand } from "./conclude.ts"
import { canMove, moveCommand } from "./lifecycle.ts"

export const cancelCommandInput = z.object({ commandId: z.uuid() })

/**
 * Stops what has not started. Before it runs the command becomes CANCELLED; once it runs, or is halted, its unfetched
 * and unreleased targets become SKIPPED and it ends by the rest. By the requester, a site_manager or an admin. Returns how many targets were stopped;
 * throws CONFLICT when none is left.
 */
export async function cancelCommand(
  ctx: Context,
  input: z.input<typeof cancelCommandInput>,
): Promise<{ cancelled: number }> {
  const { commandId } = parseInput(cancelCommandInput, input)
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const seen = await selectCommand(ctx.db, commandId)
  if (!seen || !(await seesCommand(ctx, seen)))
    throw new DomainError("NOT_FOUND", "There is no such command.")
  if (!mayCancel(ctx, seen))
    throw new DomainError("FORBIDDEN", "Only the requester, a site manager or an admin may cancel it.")
  const at = ctx.now()
  const cancelledBy = ctx.actor.kind === "user" ? ctx.actor.userId : null
  const message = "Cancelled before it started."

  return ctx.db.transaction(async (tx) => {
    const command = await lockCommandState(tx, seen.siteId, seen.id)
    if (!command) throw new DomainError("NOT_FOUND", "There is no such command.")
    if (canMove(command.status, "CANCELLED")) {
      await cancelPendingRows(tx, command, at)
      const cancelled = await skipPendingResults(tx, command, { reason: "cancelled", message, at })
      await moveCommand(tx, ctx, command, "CANCELLED", {
        change: { cancelledBy, cancelledAt: at, finishedAt: at, outcome: `Cancelled: ${cancelled} skipped.` },
        details: { cancelled },
      })
      return { cancelled }
    }
    const cancelled = command.status === "RUNNING" ? await cancelPendingRows(tx, command, at) : 0
    if (cancelled === 0) throw new DomainError("CONFLICT", "Nothing is left to cancel.")
    await skipPendingResults(tx, command, { reason: "cancelled", message, at })
    await writeAudit(tx, ctx, {
      action: "command.cancel-rest",
      siteId: command.siteId,
      subjectType: "command",
      subjectId: command.id,
      details: { cancelled, ...(command.haltedAt ? { haltedWave: command.releasedWave } : {}) },
    })
    await clearHalt(tx, command)
    if (!(await concludeCommand(tx, ctx, command)))
      await notifyLive(tx, {
        kind: "command",
        siteId: command.siteId,
        commandId: command.id,
        minerIds: seen.targetIds,
        at: at.toISOString(),
      })
    return { cancelled }
  })
}

export function mayCancel(ctx: Context, command: { siteId: number; requestedBy: number | null }): boolean {
  if (levelAt(ctx.actor, "REMOTE_CONTROL_EXECUTE", command.siteId) === "FULL") return true
  return (
    ctx.actor.kind === "user" &&
    ctx.actor.userId === command.requestedBy &&
    levelAt(ctx.actor, "REMOTE_CONTROL_REQUEST", command.siteId) !== "NONE"
  )
}

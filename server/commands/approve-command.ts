// path: command 3/10
import { z } from "zod"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { moveCommand } from "./lifecycle.ts"
import { requireApproval } from "./require-approval.ts"

export const approveCommandInput = z.object({ commandId: z.uuid() })

/**
 * Lets a waiting command run. The approver holds EXECUTE at the site now and did not request it himself; the request
 * is younger than 24 hours. Throws NOT_FOUND, FORBIDDEN, CONFLICT.
 */
export async function approveCommand(
  ctx: Context,
  input: z.input<typeof approveCommandInput>,
): Promise<{ status: "QUEUED" }> {
  const { commandId } = parseInput(approveCommandInput, input)
  const command = await requireApproval(ctx, commandId)
  const at = ctx.now()
  if (command.approvalExpiresAt && command.approvalExpiresAt <= at)
    throw new DomainError("CONFLICT", "The request is older than 24 hours and can no longer be approved.")
  const approvedBy = ctx.actor.kind === "user" ? ctx.actor.userId : null
  await ctx.db.transaction(async (tx) => {
    await moveCommand(tx, ctx, command, "QUEUED", {
      action: "command.approve",
      change: { approvedBy, approvedAt: at, queuedAt: at },
    })
    await ctx.queue.send(tx, "command.dispatch", { siteId: command.siteId, commandId })
  })
  return { status: "QUEUED" }
}

// path: command 3/10
import { z } from "zod"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { moveCommand } from "./lifecycle.ts"
import { lockForDecision, requireFingerprint } from "./require-approval.ts"

export const approveCommandInput = z.object({
  commandId: z.uuid(),
  /** Of the command as the approver saw it. */
  fingerprint: z.string().max(64),
})

/**
 * Lets a waiting command run. The approver holds EXECUTE at the site now and did not request it himself, the command is
 * what he saw, and the request is younger than 24 hours. Throws NOT_FOUND, FORBIDDEN, CONFLICT.
 */
export async function approveCommand(
  ctx: Context,
  input: z.input<typeof approveCommandInput>,
): Promise<{ status: "QUEUED" }> {
  const { commandId, fingerprint } = parseInput(approveCommandInput, input)
  const at = ctx.now()
  await ctx.db.transaction(async (tx) => {
    const { command, decider } = await lockForDecision(tx, ctx, commandId)
    if (command.approvalExpiresAt && command.approvalExpiresAt <= at)
      throw new DomainError("CONFLICT", "The request is older than 24 hours and can no longer be approved.")
    await requireFingerprint(tx, command, fingerprint)
    await moveCommand(tx, ctx, command, "QUEUED", {
      action: "command.approve",
      change: { approvedBy: decider.userId, approvedAt: at, queuedAt: at },
      details: { fingerprint },
    })
    await ctx.queue.send(tx, "command.dispatch", { siteId: command.siteId, commandId })
  })
  return { status: "QUEUED" }
}

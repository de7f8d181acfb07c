import { z } from "zod"
import { skipPendingResults } from "#db/queries/commands.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { moveCommand } from "./lifecycle.ts"
import { personText } from "./person-text.ts"
import { requireApproval } from "./require-approval.ts"

export const denyCommandInput = z.object({
  commandId: z.uuid(),
  reason: personText(500).min(1, "Say why."),
})

/** Refuses a waiting command: CANCELLED with who and why, its targets SKIPPED. Throws as `approveCommand`. */
export async function denyCommand(
  ctx: Context,
  input: z.input<typeof denyCommandInput>,
): Promise<{ status: "CANCELLED" }> {
  const { commandId, reason } = parseInput(denyCommandInput, input)
  const command = await requireApproval(ctx, commandId)
  const at = ctx.now()
  const deniedBy = ctx.actor.kind === "user" ? ctx.actor.userId : null
  await ctx.db.transaction(async (tx) => {
    await moveCommand(tx, ctx, command, "CANCELLED", {
      action: "command.deny",
      change: { deniedBy, denyReason: reason, finishedAt: at, outcome: `Denied: ${reason}` },
      details: { reason },
    })
    await skipPendingResults(tx, command, { reason: "denied", message: "The request was denied.", at })
  })
  return { status: "CANCELLED" }
}

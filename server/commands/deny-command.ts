import { z } from "zod"
import { skipPendingResults } from "#db/queries/commands.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { moveCommand } from "./lifecycle.ts"
import { personText } from "./person-text.ts"
import { lockForDecision } from "./require-approval.ts"
import { SKIP_SENTENCES } from "./target-verdict.ts"

export const denyCommandInput = z.object({
  commandId: z.uuid(),
  reason: personText(500).min(1, "Say why."),
})

/** Refuses a waiting command: CANCELLED with who and why, its targets SKIPPED. Throws NOT_FOUND, FORBIDDEN, CONFLICT. */
export async function denyCommand(
  ctx: Context,
  input: z.input<typeof denyCommandInput>,
): Promise<{ status: "CANCELLED" }> {
  const { commandId, reason } = parseInput(denyCommandInput, input)
  const at = ctx.now()
  await ctx.db.transaction(async (tx) => {
    const { command, decider } = await lockForDecision(tx, ctx, commandId)
    await skipPendingResults(tx, command, { reason: "denied", message: SKIP_SENTENCES.denied, at })
    await moveCommand(tx, ctx, command, "CANCELLED", {
      action: "command.deny",
      change: { deniedBy: decider.userId, denyReason: reason, finishedAt: at, outcome: `Denied: ${reason}` },
      details: { reason },
    })
  })
  return { status: "CANCELLED" }
}

// path: command 4/10

import type { z } from "zod"
import { lockCommand } from "#db/queries/commands.ts"
import { dispatchTargets, lockDispatch } from "#db/queries/commands-edge.ts"
import { commandActionSchema } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { siteCommandSchema } from "#server/contract/jobs.ts"
import type { Context } from "../context.ts"
import { notifyCommands } from "../live/notify-live.ts"
import { concludeCommand } from "./conclude.ts"
import { attemptsOffline, SKIP_SENTENCES } from "./target-verdict.ts"

/**
 * Turns a QUEUED command into rows of the edge queue, one a target, and wakes the collectors; targets that cannot run
 * become SKIPPED with a reason. Does nothing for a command that is not QUEUED or was dispatched before.
 */
export async function dispatchCommand(
  ctx: Context,
  input: z.output<typeof siteCommandSchema>,
): Promise<{ queued: number; skipped: number }> {
  if (ctx.actor.kind !== "system") throw new DomainError("FORBIDDEN", "Only the worker dispatches commands.")
  return ctx.db.transaction(async (tx) => {
    await lockDispatch(tx, input.siteId)
    const command = await lockCommand(tx, input.siteId, input.commandId)
    if (command?.status !== "QUEUED") return { queued: 0, skipped: 0 }
    const action = commandActionSchema.parse({ type: command.type, parameters: command.parameters })
    const at = ctx.now()
    const done = await dispatchTargets(tx, command, {
      attemptOffline: attemptsOffline(action),
      sentences: SKIP_SENTENCES,
      at,
      expiresAt: new Date(at.getTime() + command.ttlMinutes * 60_000),
    })
    for (const deviceId of done.deviceIds) await notifyCommands(tx, deviceId)
    if (done.skipped > 0) await concludeCommand(tx, ctx, command)
    return { queued: done.queued, skipped: done.skipped }
  })
}

// path: command 4/10

import type { z } from "zod"
import { lockCommand, skipTargets } from "#db/queries/commands.ts"
import {
  hasEdgeRows,
  insertEdgeRows,
  lockDispatch,
  selectPendingTargets,
} from "#db/queries/commands-dispatch.ts"
import { commandActionSchema, RESULT_CODES, SKIP_REASONS } from "#server/contract/commands.ts"
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
    if (command?.status !== "QUEUED" || (await hasEdgeRows(tx, command))) return { queued: 0, skipped: 0 }
    const action = commandActionSchema.parse({ type: command.type, parameters: command.parameters })
    const at = ctx.now()
    const targets = await selectPendingTargets(tx, command, { attemptOffline: attemptsOffline(action) })
    const runnable = targets.filter((target) => target.reason === null)
    await insertEdgeRows(tx, command, runnable, {
      at,
      expiresAt: new Date(at.getTime() + command.ttlMinutes * 60_000),
    })
    for (const reason of SKIP_REASONS) {
      const skipped = targets.filter((target) => target.reason === reason).map((target) => target.minerId)
      const code = reason === "busy" ? RESULT_CODES.BUSY : RESULT_CODES.SKIPPED
      if (skipped.length > 0)
        await skipTargets(tx, command, skipped, { code, message: SKIP_SENTENCES[reason], at })
    }
    for (const deviceId of new Set(runnable.map((target) => target.deviceId)))
      await notifyCommands(tx, deviceId)
    if (runnable.length < targets.length) await concludeCommand(tx, ctx, command)
    return { queued: runnable.length, skipped: targets.length - runnable.length }
  })
}

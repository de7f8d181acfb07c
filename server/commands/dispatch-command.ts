// path: command 4/10

import type { z } from "zod"
import type { Transaction } from "#db/client.ts"
import { type CommandRow, lockCommand, skipPendingResults } from "#db/queries/commands.ts"
import {
  type Dispatched,
  dispatchTargets,
  hasEdgeRows,
  lockDispatch,
  planForMany,
  planForOne,
  selectWaveSite,
} from "#db/queries/commands-dispatch.ts"
import { selectWaitingDevices } from "#db/queries/commands-lease.ts"
import { selectSealed } from "#db/queries/sealed-secrets.ts"
import { type StoredAction, storedActionSchema } from "#server/contract/command-parameters.ts"
import { featureOf } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { siteCommandSchema } from "#server/contract/jobs.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyCommands, notifyLive } from "../live/notify-live.ts"
import { concludeCommand } from "./conclude.ts"
import { fingerprintOf } from "./fingerprint.ts"
import { moveCommand } from "./lifecycle.ts"
import { demandOfCommand, SKIP_SENTENCES } from "./target-verdict.ts"
import { waveSizeOf } from "./wave-plan.ts"

/** From here on a statement over the targets is planned as for many. */
const MANY = 100

/**
 * Turns a QUEUED command into rows of the edge queue, one a target with its wave, releases the first wave and wakes the
 * collectors; targets that cannot run become SKIPPED with a reason. A command that is not what was asked for and
 * approved any more FAILS and sends nothing. Does nothing for one that is not QUEUED or was dispatched before.
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
    const action = await actionAsRequested(tx, command)
    if (!action) return { queued: 0, skipped: await refuse(tx, ctx, command) }
    const { queued, skipped, waves } = await dispatch(tx, ctx, command, action)
    const skippedCount = Object.values(skipped).reduce((sum, count) => sum + count, 0)
    const at = ctx.now().toISOString()
    const { siteId, id } = command
    await writeAudit(tx, ctx, {
      action: "command.dispatch",
      siteId,
      subjectType: "command",
      subjectId: id,
      details: { queued, skipped, waves },
    })
    for (const deviceId of queued > 0 ? await selectWaitingDevices(tx, siteId) : [])
      await notifyCommands(tx, deviceId)
    if (!(skippedCount > 0 && (await concludeCommand(tx, ctx, command))))
      await notifyLive(tx, { kind: "command", siteId, commandId: id, minerIds: command.targetIds, at })
    return { queued, skipped: skippedCount }
  })
}

/** The action, when parameters, targets and secrets are those of the request; null when somebody changed them. */
async function actionAsRequested(tx: Transaction, command: CommandRow): Promise<StoredAction | null> {
  const action = storedActionSchema.safeParse({ type: command.type, parameters: command.parameters })
  const sealed = await selectSealed(tx, {
    siteId: command.siteId,
    subjectType: "command",
    subjectId: command.id,
  })
  const same = fingerprintOf({ ...command, sealed }) === command.fingerprint
  return same && action.success ? action.data : null
}

async function refuse(tx: Transaction, ctx: Context, command: CommandRow): Promise<number> {
  const at = ctx.now()
  const message = "The command was changed after the request: nothing was sent."
  const skipped = await skipPendingResults(tx, command, { reason: "not_approved", message, at })
  await moveCommand(tx, ctx, command, "FAILED", {
    change: { finishedAt: at, outcome: message },
    details: { skipped, reason: message },
  })
  return skipped
}

async function dispatch(
  tx: Transaction,
  ctx: Context,
  command: CommandRow,
  action: StoredAction,
): Promise<Dispatched> {
  const at = ctx.now()
  const site = await selectWaveSite(tx, command.siteId)
  const many = command.targetIds.length > MANY
  if (many) await planForMany(tx)
  const dispatched = await dispatchTargets(tx, command, {
    demand: demandOfCommand(command),
    feature: featureOf(action),
    sentences: SKIP_SENTENCES,
    waveSize: waveSizeOf({ ...site, requestedSize: command.waveSize }),
    at,
    expiresAt: new Date(at.getTime() + command.ttlMinutes * 60_000),
  })
  if (many) await planForOne(tx)
  return dispatched
}

import type { Transaction } from "#db/client.ts"
import { lockCommand, skipPendingResults } from "#db/queries/commands.ts"
import {
  expirePendingRows,
  isUndispatched,
  loseSentRows,
  selectExpiringCommands,
} from "#db/queries/commands-expiry.ts"
import { DomainError } from "#server/contract/errors.ts"
import { commandExecutionTotal } from "#server/metrics.ts"
import type { Context } from "../context.ts"
import { concludeCommand } from "./conclude.ts"
import { moveCommand } from "./lifecycle.ts"
import { markRecovered } from "./mark-recovered.ts"

const BATCH = 200

/**
 * Ends what time has ended, a command a transaction: requests nobody approved within 24 hours, targets nobody fetched
 * within their time to live, and leases nobody answered for a time to live more (unknown outcome). Then marks the
 * machines that hash again after a reboot. Idempotent, safe with two workers.
 */
export async function expireCommands(ctx: Context): Promise<{ commands: number; recovered: number }> {
  if (ctx.actor.kind !== "system") throw new DomainError("FORBIDDEN", "Only the worker expires commands.")
  let commands = 0
  for (;;) {
    const due = await selectExpiringCommands(ctx.db, ctx.now(), BATCH)
    let ended = 0
    for (const command of due) if (await ctx.db.transaction((tx) => expireOne(tx, ctx, command))) ended += 1
    commands += ended
    if (due.length < BATCH || ended === 0) break
  }
  return { commands, recovered: (await markRecovered(ctx)).recovered }
}

async function expireOne(
  tx: Transaction,
  ctx: Context,
  key: { siteId: number; id: string },
): Promise<boolean> {
  const command = await lockCommand(tx, key.siteId, key.id)
  const at = ctx.now()
  if (!command) return false
  if (command.status === "PENDING_APPROVAL") {
    if (!command.approvalExpiresAt || command.approvalExpiresAt > at) return false
    await skipPendingResults(tx, command, {
      reason: "not_approved",
      message: "Nobody approved it within 24 hours.",
      at,
    })
    await moveCommand(tx, ctx, command, "CANCELLED", {
      action: "command.approval-expire",
      change: { cancelledAt: at, finishedAt: at, outcome: "Nobody approved it within 24 hours." },
    })
    return true
  }
  if (command.status !== "QUEUED" && command.status !== "RUNNING") return false
  const expired = await expirePendingRows(tx, command, "Expired: no collector fetched it in time.", at)
  const lost = await loseSentRows(
    tx,
    command,
    "Unknown outcome: the collector took it and did not answer in time.",
    at,
  )
  if (lost > 0) commandExecutionTotal.inc({ type: command.type, status: "UNKNOWN" }, lost)
  if (expired + lost === 0 && (await isUndispatched(tx, command, at))) {
    const skipped = await skipPendingResults(tx, command, {
      reason: "expired",
      message: "Expired: it was never dispatched.",
      at,
    })
    await moveCommand(tx, ctx, command, "EXPIRED", {
      change: { finishedAt: at, outcome: "It was never dispatched." },
      details: { expired: skipped },
    })
    return true
  }
  await concludeCommand(tx, ctx, command)
  return expired + lost > 0
}

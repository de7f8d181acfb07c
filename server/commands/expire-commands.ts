import type { Transaction } from "#db/client.ts"
import { skipPendingResults } from "#db/queries/commands.ts"
import {
  expirePendingRows,
  isUndispatched,
  loseSentRows,
  selectExpiringCommands,
} from "#db/queries/commands-expiry.ts"
import { type CommandState, lockCommandState } from "#db/queries/commands-state.ts"
import { clearHalt } from "#db/queries/commands-waves.ts"
import { HALT_TTL_MS } from "#server/contract/budgets.ts"
import { DomainError } from "#server/contract/errors.ts"
import { commandExecutionTotal } from "#server/metrics.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { concludeCommand } from "./conclude.ts"
import { moveCommand } from "./lifecycle.ts"
import { markRecovered } from "./mark-recovered.ts"
import { tellWave } from "./release-wave.ts"

const BATCH = 200

/**
 * Ends what time has ended, a command a transaction: requests nobody approved within 24 hours, targets nobody fetched
 * within their time to live, leases nobody answered for a time to live more (unknown outcome), and the rest of commands
 * that stood halted for 24 hours. A command of which nothing was ever sent ends as a whole; of one that runs, waves that
 * were not released do not expire. Then marks the machines that came back. Idempotent, safe with two workers.
 */
export async function expireCommands(ctx: Context): Promise<{ commands: number; recovered: number }> {
  if (ctx.actor.kind !== "system") throw new DomainError("FORBIDDEN", "Only the worker expires commands.")
  let commands = 0
  for (;;) {
    const due = await selectExpiringCommands(ctx.db, ctx.now(), haltedSince(ctx.now()), BATCH)
    let ended = 0
    for (const command of due) if (await ctx.db.transaction((tx) => expireOne(tx, ctx, command))) ended += 1
    commands += ended
    if (due.length < BATCH || ended === 0) break
  }
  return { commands, recovered: (await markRecovered(ctx)).recovered }
}

function haltedSince(at: Date): Date {
  return new Date(at.getTime() - HALT_TTL_MS)
}

async function expireOne(
  tx: Transaction,
  ctx: Context,
  key: { siteId: number; id: string },
): Promise<boolean> {
  const command = await lockCommandState(tx, key.siteId, key.id)
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
  const expired = await expirePending(tx, command, at)
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
  if (expired + lost > 0) await tellExpired(tx, ctx, command, { expired, unknown: lost })
  await concludeCommand(tx, ctx, command)
  return expired + lost > 0
}

async function tellExpired(
  tx: Transaction,
  ctx: Context,
  command: CommandState,
  details: { expired: number; unknown: number },
): Promise<void> {
  await writeAudit(tx, ctx, {
    action: "command.expire-targets",
    siteId: command.siteId,
    subjectType: "command",
    subjectId: command.id,
    details,
  })
  await tellWave(tx, command, ctx.now())
}

async function expirePending(tx: Transaction, command: CommandState, at: Date): Promise<number> {
  if (command.haltedAt && command.haltedAt <= haltedSince(at)) {
    await clearHalt(tx, command)
    return expirePendingRows(tx, command, "all", "Expired: the command stood halted for 24 hours.", at)
  }
  const message = "Expired: no collector fetched it in time."
  const expired = await expirePendingRows(tx, command, "past their time", message, at)
  // Its collectors are away: later waves would only expire one after the other.
  if (expired === 0 || command.status !== "QUEUED") return expired
  return expired + (await expirePendingRows(tx, command, "all", message, at))
}

import type { Transaction } from "#db/client.ts"
import {
  type CommandChange,
  type CommandRow,
  lockCommand,
  updateCommandStatus,
} from "#db/queries/commands.ts"
import { clearHalt } from "#db/queries/commands-waves.ts"
import { deleteSealed } from "#db/queries/sealed-secrets.ts"
import type { CommandStatus } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"

/**
 * The states of a command and every move, forward only:
 *
 *   PENDING ──────────► PENDING_APPROVAL ──► QUEUED ──► RUNNING ──► SUCCEEDED | FAILED | EXPIRED
 *     └── harmless or admin's ────────────────►┘ │
 *                                                └── never sent ──► EXPIRED, nothing to do ──► FAILED
 *   PENDING, PENDING_APPROVAL, QUEUED ──► CANCELLED (by a person, by denial, by age)
 *
 * PENDING exists inside the creating transaction only. QUEUED → RUNNING: the first lease of one of its edge rows.
 * A command ends when its last target has ended; which end, `conclude.ts` says. A RUNNING command that is cancelled
 * loses its unstarted targets and ends by the rest. Nothing leaves SUCCEEDED, FAILED, EXPIRED or CANCELLED.
 * A RUNNING command whose wave did not come back is halted (`halted_at` and a reason, `advance-waves.ts`): no state of
 * its own, and over when somebody resumes or cancels it, or with its end. The secrets of a command are wiped at its end.
 *
 * Whoever changes edge rows or results of a command holds the lock of its row first. Only `recovered_at`, which no
 * move depends on, is written without it.
 */
export const MOVES: Record<CommandStatus, readonly CommandStatus[]> = {
  PENDING: ["PENDING_APPROVAL", "QUEUED", "CANCELLED"],
  PENDING_APPROVAL: ["QUEUED", "CANCELLED"],
  QUEUED: ["RUNNING", "FAILED", "EXPIRED", "CANCELLED"],
  RUNNING: ["SUCCEEDED", "FAILED", "EXPIRED"],
  SUCCEEDED: [],
  FAILED: [],
  EXPIRED: [],
  CANCELLED: [],
}

export function canMove(from: CommandStatus, to: CommandStatus): boolean {
  return MOVES[from].includes(to)
}

export function isEnded(status: CommandStatus): boolean {
  return MOVES[status].length === 0
}

const AUDIT_ACTION: Record<CommandStatus, string> = {
  PENDING: "command.request",
  PENDING_APPROVAL: "command.await-approval",
  QUEUED: "command.queue",
  RUNNING: "command.start",
  SUCCEEDED: "command.succeed",
  FAILED: "command.fail",
  EXPIRED: "command.expire",
  CANCELLED: "command.cancel",
}

/**
 * Moves a command in the caller's transaction: locks its row, changes it, writes the audit row and tells open pages.
 * Returns the row as it was before. Throws NOT_FOUND, and CONFLICT when the move is not in the table.
 */
export async function moveCommand(
  tx: Transaction,
  ctx: Context,
  command: Pick<CommandRow, "siteId" | "id">,
  to: CommandStatus,
  options: { change?: CommandChange; details?: Record<string, unknown>; action?: string } = {},
): Promise<CommandRow> {
  const row = await lockCommand(tx, command.siteId, command.id)
  if (!row) throw new DomainError("NOT_FOUND", "There is no such command.")
  if (!canMove(row.status, to))
    throw new DomainError("CONFLICT", `The command is ${row.status} and cannot become ${to}.`)
  await updateCommandStatus(tx, row, to, options.change ?? {})
  if (isEnded(to)) {
    await deleteSealed(tx, { siteId: row.siteId, subjectType: "command", subjectId: row.id })
    await clearHalt(tx, row)
  }
  await writeAudit(tx, ctx, {
    action: options.action ?? AUDIT_ACTION[to],
    siteId: row.siteId,
    subjectType: "command",
    subjectId: row.id,
    before: { status: row.status },
    after: { status: to },
    details: { type: row.type, targets: row.targetIds.length, ...options.details },
  })
  const at = ctx.now().toISOString()
  await notifyLive(tx, {
    kind: "command",
    siteId: row.siteId,
    commandId: row.id,
    minerIds: row.targetIds,
    at,
  })
  if (row.status === "PENDING_APPROVAL" || to === "PENDING_APPROVAL")
    await notifyLive(tx, { kind: "approval", siteId: row.siteId, at })
  return row
}

import type { Transaction } from "#db/client.ts"
import { type CommandRow, lockCommand, selectCommand } from "#db/queries/commands.ts"
import { selectSealed } from "#db/queries/sealed-secrets.ts"
import { holdStaffRole } from "#db/queries/standing.ts"
import { DomainError } from "#server/contract/errors.ts"
import { PERMISSION_TABLE } from "#server/contract/permissions.ts"
import type { UserActor } from "../access/actor.ts"
import { requirePermission, requireUser } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { seesCommand } from "./command-scope.ts"
import { fingerprintOf } from "./fingerprint.ts"

/**
 * A command waiting for approval that the actor may decide on, locked until the transaction ends: a person, not the
 * one who requested it (whatever session or way he comes by), who holds EXECUTE at its site now. Throws NOT_FOUND,
 * FORBIDDEN, CONFLICT.
 */
export async function lockForDecision(
  tx: Transaction,
  ctx: Context,
  commandId: string,
): Promise<{ command: CommandRow; decider: UserActor }> {
  const decider = requireUser(ctx)
  const seen = await selectCommand(tx, commandId)
  if (!seen || !(await seesCommand(ctx, seen)))
    throw new DomainError("NOT_FOUND", "There is no such command.")
  requirePermission(ctx, "REMOTE_CONTROL_EXECUTE", seen.siteId, "FULL")
  const command = await lockCommand(tx, seen.siteId, seen.id)
  if (!command) throw new DomainError("NOT_FOUND", "There is no such command.")
  if (decider.userId === command.requestedBy)
    throw new DomainError("FORBIDDEN", "Nobody decides on his own request: someone else has to.")
  const role = await holdStaffRole(tx, decider.userId, command.siteId)
  if (!role || PERMISSION_TABLE.REMOTE_CONTROL_EXECUTE[role] !== "FULL")
    throw new DomainError("FORBIDDEN", "Your role at this site does not allow that any more.")
  if (command.status !== "PENDING_APPROVAL")
    throw new DomainError("CONFLICT", `The command is ${command.status}: there is nothing to decide.`)
  return { command, decider }
}

/**
 * What the approver saw is what was requested and what is stored: type, parameters, targets and sealed secrets. Throws
 * CONFLICT: changed targets need a new approval.
 */
export async function requireFingerprint(tx: Transaction, command: CommandRow, seen: string): Promise<void> {
  const { siteId, id } = command
  const sealed = await selectSealed(tx, { siteId, subjectType: "command", subjectId: id })
  if (seen === command.fingerprint && seen === fingerprintOf({ ...command, sealed })) return
  throw new DomainError(
    "CONFLICT",
    "This is not what you looked at: the command changed after the request. Look at it again.",
  )
}

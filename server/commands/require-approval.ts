import { type CommandRow, selectCommand } from "#db/queries/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { requirePermission } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { seesCommand } from "./command-scope.ts"

/** A command waiting for approval that the actor may decide on: EXECUTE at its site, and not his own. */
export async function requireApproval(ctx: Context, commandId: string): Promise<CommandRow> {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const command = await selectCommand(ctx.db, commandId)
  if (!command || !(await seesCommand(ctx, command)))
    throw new DomainError("NOT_FOUND", "There is no such command.")
  requirePermission(ctx, "REMOTE_CONTROL_EXECUTE", command.siteId, "FULL")
  if (ctx.actor.kind === "user" && ctx.actor.userId === command.requestedBy)
    throw new DomainError("FORBIDDEN", "Nobody decides on his own request: someone else has to.")
  if (command.status !== "PENDING_APPROVAL")
    throw new DomainError("CONFLICT", `The command is ${command.status}: there is nothing to decide.`)
  return command
}

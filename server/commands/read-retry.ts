import { z } from "zod"
import { type CommandRow, selectCommand, selectTargets } from "#db/queries/commands.ts"
import { selectRetryTargets } from "#db/queries/commands-retry.ts"
import { type StoredAction, storedActionSchema } from "#server/contract/command-parameters.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { seesCommand } from "./command-scope.ts"
import { requireRequester } from "./site-policy.ts"
import { carriesSecrets } from "./target-verdict.ts"

export const readRetryInput = z.object({ commandId: z.uuid() })

export type Retry = {
  commandId: string
  siteId: number
  action: StoredAction
  minerIds: number[]
  /** Passwords of a command are wiped when it ends: they have to be typed again. */
  needsPassword: boolean
}

/**
 * What a new request with `retryOf` would repeat: the part of a command that failed, whose outcome is unknown, or that
 * was too late or cancelled, as far as the actor's machines go. Throws NOT_FOUND, FORBIDDEN, and CONFLICT when there is
 * no such part.
 */
export async function readRetry(ctx: Context, input: z.input<typeof readRetryInput>): Promise<Retry> {
  requireRequester(ctx)
  const { commandId } = parseInput(readRetryInput, input)
  const command = await findCommand(ctx, commandId)
  requirePermission(ctx, "REMOTE_CONTROL_REQUEST", command.siteId, "OWN")
  const failed = await selectRetryTargets(ctx.db, command)
  const mine = await selectTargets(ctx.db, scopeOf(ctx.actor, "MINER_VIEW"), failed, ctx.now())
  const minerIds = mine.filter(({ siteId }) => siteId === command.siteId).map(({ id }) => id)
  if (minerIds.length === 0) throw new DomainError("CONFLICT", "The command has no failed part to repeat.")
  const { type, parameters } = command
  return {
    commandId,
    siteId: command.siteId,
    action: storedActionSchema.parse({ type, parameters }),
    minerIds,
    needsPassword: carriesSecrets(type),
  }
}

/**
 * A request that repeats a command names one that the actor may see, of the same type, and machines of its failed part
 * only. Throws INVALID, NOT_FOUND, CONFLICT.
 */
export async function checkRetry(
  ctx: Context,
  retryOf: string,
  request: { action: StoredAction; bySite: ReadonlyMap<number, readonly number[]> },
): Promise<void> {
  const command = await findCommand(ctx, retryOf)
  const minerIds = request.bySite.get(command.siteId)
  if (!minerIds || request.bySite.size > 1 || command.type !== request.action.type)
    throw new DomainError(
      "INVALID",
      "A retry repeats the same type of command on machines of its own site.",
      {
        details: [{ path: "retryOf", message: "This is not the command that the request repeats." }],
      },
    )
  const failed = new Set(await selectRetryTargets(ctx.db, command))
  if (!minerIds.every((minerId) => failed.has(minerId)))
    throw new DomainError("CONFLICT", "Some of these machines are not in the failed part of that command.")
}

async function findCommand(ctx: Context, commandId: string): Promise<CommandRow> {
  const command = await selectCommand(ctx.db, commandId)
  if (!command || !(await seesCommand(ctx, command)))
    throw new DomainError("NOT_FOUND", "There is no such command.")
  return command
}

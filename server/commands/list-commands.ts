import { z } from "zod"
import { type CommandListRow, countCommandsMatching, selectCommandPage } from "#db/queries/commands-read.ts"
import { COMMAND_STATUSES, COMMAND_TYPES } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { commandScopeOf } from "./command-scope.ts"

export type { CommandListRow } from "#db/queries/commands-read.ts"

/** `open`: everything that has not ended. */
export const COMMAND_STATUS_FILTERS = ["open", ...COMMAND_STATUSES] as const

export const listCommandsInput = z.object({
  siteId: z.number().int().positive().optional(),
  status: z.enum(COMMAND_STATUS_FILTERS).optional(),
  type: z.enum(COMMAND_TYPES).optional(),
  minerId: z.number().int().positive().optional(),
  page: z.number().int().min(1).max(100_000).default(1),
  pageSize: z.number().int().min(1).max(200).default(50),
})

export type CommandList = { rows: CommandListRow[]; total: number; page: number; pageSize: number }

/** Commands that the actor may see, newest first. Throws NOT_FOUND for a site he cannot see. */
export async function listCommands(
  ctx: Context,
  input: z.input<typeof listCommandsInput>,
): Promise<CommandList> {
  const { page, pageSize, status, ...rest } = parseInput(listCommandsInput, input)
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  if (rest.siteId !== undefined) requirePermission(ctx, "REMOTE_CONTROL_AUDIT", rest.siteId, "OWN")
  const scope = commandScopeOf(ctx)
  const statuses = status === undefined ? undefined : status === "open" ? OPEN : [status]
  const filter = { ...rest, statuses }
  const [rows, total] = await Promise.all([
    selectCommandPage(ctx.db, scope, filter, { limit: pageSize, offset: (page - 1) * pageSize }),
    countCommandsMatching(ctx.db, scope, filter),
  ])
  return { rows, total, page, pageSize }
}

const OPEN = ["PENDING", "PENDING_APPROVAL", "QUEUED", "RUNNING"] as const

import { z } from "zod"
import { COMMAND_COUNT_LIMIT, type CommandListRow, selectCommandsCounted } from "#db/queries/commands-read.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { commandFilterSchema, resolveCommandFilter } from "./command-filter.ts"
import { commandScopeOf } from "./command-scope.ts"

export type { CommandCounts, CommandListRow } from "#db/queries/commands-read.ts"
export { COMMAND_STATUS_FILTERS } from "#server/contract/command-list.ts"

export const listCommandsInput = commandFilterSchema.extend({
  page: z.number().int().min(1).max(100_000).default(1),
  pageSize: z.number().int().min(1).max(200).default(50),
})

export type CommandList = {
  rows: CommandListRow[]
  /** At most 10,000; `more` when there are more. */
  total: number
  more: boolean
  page: number
  pageSize: number
}

/** Commands that the actor may see, newest first. Throws NOT_FOUND for a site he cannot see. */
export async function listCommands(
  ctx: Context,
  input: z.input<typeof listCommandsInput>,
): Promise<CommandList> {
  const { page, pageSize, ...rest } = parseInput(listCommandsInput, input)
  const scope = commandScopeOf(ctx)
  const filter = resolveCommandFilter(ctx, rest)
  const { rows, total } = await selectCommandsCounted(ctx.db, scope, filter, {
    limit: pageSize,
    offset: (page - 1) * pageSize,
  })
  return {
    rows,
    total: Math.min(total, COMMAND_COUNT_LIMIT),
    more: total > COMMAND_COUNT_LIMIT,
    page,
    pageSize,
  }
}

import { z } from "zod"
import { type CommandResultRow, selectResultPage } from "#db/queries/commands-results.ts"
import { RESULT_FILTERS, RESULT_SORTS } from "#server/contract/command-list.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { commandScopeOf } from "./command-scope.ts"
import { poolSlotOf } from "./pool-change.ts"
import { findCommand } from "./read-command.ts"

export type { CommandResultRow } from "#db/queries/commands-results.ts"

export const listResultsInput = z.object({
  commandId: z.string(),
  status: z.enum(RESULT_FILTERS).optional(),
  wave: z.number().int().min(1).max(1_000_000).optional(),
  /** Part of what stands about the machine, or of what it told. */
  q: z
    .string()
    .trim()
    .max(200)
    .transform((text) => text.replaceAll("\0", ""))
    .optional(),
  sort: z.enum(RESULT_SORTS).default("status"),
  dir: z.enum(["asc", "desc"]).default("asc"),
  page: z.number().int().min(1).max(100_000).default(1),
  pageSize: z.number().int().min(1).max(500).default(50),
})

export type ResultPage = { rows: CommandResultRow[]; total: number; page: number; pageSize: number }

/** One page of a command's targets that the actor may see. Throws NOT_FOUND for a command he may not. */
export async function listResults(
  ctx: Context,
  input: z.input<typeof listResultsInput>,
): Promise<ResultPage> {
  const { commandId, status, wave, q, sort, dir, page, pageSize } = parseInput(listResultsInput, input)
  const scope = commandScopeOf(ctx)
  const command = await findCommand(ctx, scope, commandId)
  const { rows, total } = await selectResultPage(
    ctx.db,
    scope,
    { siteId: command.siteId, commandId, status, wave, q: q || undefined, slot: poolSlotOf(command) },
    { sort, dir, limit: pageSize, offset: (page - 1) * pageSize },
  )
  return { rows, total, page, pageSize }
}

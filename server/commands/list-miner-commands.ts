import { z } from "zod"
import { selectTargets } from "#db/queries/commands.ts"
import { type MinerCommandRow, selectMinerCommands } from "#db/queries/commands-of-miner.ts"
import { COMMAND_COUNT_LIMIT } from "#db/queries/commands-read.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { commandScopeOf } from "./command-scope.ts"

export type { MinerCommandRow } from "#db/queries/commands-of-miner.ts"

export const listMinerCommandsInput = z.object({
  minerId: z.number().int().min(1).max(2_147_483_647),
  page: z.number().int().min(1).max(100_000).default(1),
  pageSize: z.number().int().min(1).max(200).default(50),
})

export type MinerCommandList = {
  rows: MinerCommandRow[]
  /** At most 10,000; `more` when there are more. */
  total: number
  more: boolean
  page: number
  pageSize: number
}

/**
 * What a machine was told and what it did, newest first; a client's begins with his ownership. Throws NOT_FOUND for a
 * machine the actor cannot see.
 */
export async function listMinerCommands(
  ctx: Context,
  input: z.input<typeof listMinerCommandsInput>,
): Promise<MinerCommandList> {
  const { minerId, page, pageSize } = parseInput(listMinerCommandsInput, input)
  const scope = commandScopeOf(ctx)
  const [miner] = await selectTargets(ctx.db, scopeOf(ctx.actor, "MINER_VIEW"), [minerId], ctx.now())
  if (!miner) throw new DomainError("NOT_FOUND", "There is no such machine.")
  const { rows, total } = await selectMinerCommands(ctx.db, scope, miner, {
    limit: pageSize,
    offset: (page - 1) * pageSize,
    countLimit: COMMAND_COUNT_LIMIT,
  })
  return {
    rows,
    total: Math.min(total, COMMAND_COUNT_LIMIT),
    more: total > COMMAND_COUNT_LIMIT,
    page,
    pageSize,
  }
}

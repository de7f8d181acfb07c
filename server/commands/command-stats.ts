import type { z } from "zod"
import { type CommandTypeStats, selectCommandStats } from "#db/queries/commands-stats.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { commandFilterSchema, resolveCommandFilter } from "./command-filter.ts"
import { commandScopeOf } from "./command-scope.ts"

export type { CommandTypeStats } from "#db/queries/commands-stats.ts"

/** The filters of the history, without its dates. */
export const commandStatsInput = commandFilterSchema.omit({ from: true, to: true })

export type CommandStats = Omit<CommandTypeStats, "type"> & {
  period: "last_24_hours"
  byType: CommandTypeStats[]
}

const PERIOD_MS = 24 * 3_600_000

/** How the commands requested within the last 24 hours ended, as far as the actor may see them. */
export async function commandStats(
  ctx: Context,
  input: z.input<typeof commandStatsInput> = {},
): Promise<CommandStats> {
  const parsed = parseInput(commandStatsInput, input)
  const scope = commandScopeOf(ctx)
  const from = new Date(ctx.now().getTime() - PERIOD_MS)
  const byType = await selectCommandStats(ctx.db, scope, { ...resolveCommandFilter(ctx, parsed), from })
  const sum = (name: Exclude<keyof CommandTypeStats, "type">) =>
    byType.reduce((total, row) => total + row[name], 0)
  return {
    period: "last_24_hours",
    total: sum("total"),
    successful: sum("successful"),
    failed: sum("failed"),
    pending: sum("pending"),
    targets: sum("targets"),
    targetsSucceeded: sum("targetsSucceeded"),
    targetsFailed: sum("targetsFailed"),
    byType: [...byType],
  }
}

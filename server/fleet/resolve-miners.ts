import { z } from "zod"
import { selectMinerKeys } from "#db/queries/miners-list.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { requireViewer } from "./find-site.ts"
import { minerFilterSchema, resolveFilter } from "./miner-filter.ts"

/** A selection of machines holds no more than this. */
export const SELECTION_MAX = 10_000

export const resolveMinersInput = z.object({ filter: minerFilterSchema })

/**
 * The machines a filter finds now, for "select all": ids in order of site and id. Throws NOT_FOUND for a foreign
 * site, INVALID when there are more than 10,000.
 */
export async function resolveMiners(
  ctx: Context,
  input: z.input<typeof resolveMinersInput>,
): Promise<{ minerIds: number[] }> {
  requireViewer(ctx)
  const parsed = parseInput(resolveMinersInput, input)
  const filter = await resolveFilter(ctx, parsed.filter)
  const scope = scopeOf(ctx.actor, "MINER_VIEW")
  const keys = await selectMinerKeys(ctx.db, scope, filter, SELECTION_MAX + 1, ctx.now())
  if (keys.length > SELECTION_MAX) {
    const message = "The selection holds more than 10,000 machines. Narrow the filter, by site for example."
    throw new DomainError("INVALID", message, { details: [{ path: "filter", message }] })
  }
  return { minerIds: keys.map((key) => key.id) }
}

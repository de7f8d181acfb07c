// path: telemetry 7/8
import { z } from "zod"
import { parseInput } from "../access/parse-input.ts"
import { requireUser } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { readTotalsSeries, type TotalSeries } from "./read-totals-series.ts"
import { hoursInput } from "./series-window.ts"

export const readCompanySeriesInput = z.object({ hours: hoursInput })

/** The course of everything the actor sees; for a client that of his machines, while they were his. Throws UNAUTHENTICATED. */
export async function readCompanySeries(
  ctx: Context,
  input: z.input<typeof readCompanySeriesInput>,
): Promise<TotalSeries> {
  const { hours } = parseInput(readCompanySeriesInput, input)
  if (ctx.actor.kind !== "system") requireUser(ctx)
  return readTotalsSeries(ctx, scopeOf(ctx.actor, "TELEMETRY_VIEW"), null, hours)
}

// path: telemetry 7/8
import { z } from "zod"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { readTotalsSeries, type TotalSeries } from "./read-totals-series.ts"
import { hoursInput } from "./series-window.ts"

export const readSiteSeriesInput = z.object({ siteId: z.number().int(), hours: hoursInput })

/** A site's course; for a client that of his machines there, while they were his. Throws NOT_FOUND. */
export async function readSiteSeries(
  ctx: Context,
  input: z.input<typeof readSiteSeriesInput>,
): Promise<TotalSeries> {
  const { siteId, hours } = parseInput(readSiteSeriesInput, input)
  requirePermission(ctx, "TELEMETRY_VIEW", siteId, "OWN")
  return readTotalsSeries(ctx, scopeOf(ctx.actor, "TELEMETRY_VIEW"), siteId, hours)
}

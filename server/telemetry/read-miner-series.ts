// path: telemetry 7/8
import { z } from "zod"
import { findMinerSite, type MinerStep, readMinerSteps } from "#db/queries/telemetry-series.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { hoursInput, seriesWindow, withGaps } from "./series-window.ts"

export const readMinerSeriesInput = z.object({ minerId: z.number().int(), hours: hoursInput })
/** One step; everything null where there was no sample. GH/s, °C, W. */
export type MinerPoint = Omit<MinerStep, "online"> & { online: boolean | null }
export type MinerSeries = { points: MinerPoint[]; stepS: number; from: Date; to: Date }

/** A machine's course, from its buckets and the raw samples behind them. A client sees it while it was his. Throws NOT_FOUND. */
export async function readMinerSeries(
  ctx: Context,
  input: z.input<typeof readMinerSeriesInput>,
): Promise<MinerSeries> {
  const { minerId, hours } = parseInput(readMinerSeriesInput, input)
  const { siteId, scope } = await findMinerInScope(ctx, minerId)
  const window = seriesWindow(ctx.now(), hours)
  const steps: MinerPoint[] = await readMinerSteps(ctx.db, scope, { siteId, minerId }, window)
  const points = withGaps(window, steps, (at) => ({
    at,
    hashrateGhs: null,
    expectedGhs: null,
    tempMaxC: null,
    powerW: null,
    online: null,
  }))
  return { points, stepS: window.stepS, from: window.from, to: window.to }
}

/** The site of a machine whose telemetry the actor may read, with his scope. Throws NOT_FOUND. */
export async function findMinerInScope(ctx: Context, minerId: number) {
  const scope = scopeOf(ctx.actor, "TELEMETRY_VIEW")
  const siteId = await findMinerSite(ctx.db, scope, minerId, ctx.now())
  if (siteId === null) throw new DomainError("NOT_FOUND", "There is no such miner.")
  requirePermission(ctx, "TELEMETRY_VIEW", siteId, "OWN")
  return { siteId, scope }
}

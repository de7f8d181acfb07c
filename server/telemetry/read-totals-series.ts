import type { Scope } from "#db/queries/scope.ts"
import { readTotalSteps, readTotalsNow, type TotalStep } from "#db/queries/telemetry-series.ts"
import type { Context } from "../context.ts"
import { BUCKET_MS, bucketOf } from "./bucket.ts"
import { seriesWindow, withGaps } from "./series-window.ts"

/** One step of totals; null where nothing is known. GH/s, W; `online` of `miners` machines that told something. */
export type TotalPoint = Omit<TotalStep, "online" | "miners"> & {
  online: number | null
  miners: number | null
}
export type TotalSeries = { points: TotalPoint[]; stepS: number; from: Date; to: Date }

/**
 * Totals over a scope (or one site of it). The last point is the present, from the live rows; the bucket before it is
 * left out while it waits for the roll-up.
 */
export async function readTotalsSeries(
  ctx: Context,
  scope: Scope,
  siteId: number | null,
  hours: number,
): Promise<TotalSeries> {
  const now = ctx.now()
  const window = seriesWindow(now, hours)
  const rolledUp: TotalPoint[] = await readTotalSteps(ctx.db, scope, siteId, window)
  const points = withGaps(window, rolledUp, (at) => ({
    at,
    hashrateGhs: null,
    expectedGhs: null,
    powerW: null,
    online: null,
    miners: null,
  }))
  const last = points.at(-1)
  if (last && last.miners === null) {
    const present = await readTotalsNow(ctx.db, scope, siteId, now, new Date(now.getTime() - BUCKET_MS))
    if (present.miners > 0) points[points.length - 1] = { at: last.at, ...present }
  }
  const waiting = points.at(-2)
  if (
    waiting?.miners === null &&
    points.at(-1)?.miners !== null &&
    waiting.at.getTime() === bucketOf(now.getTime()) - BUCKET_MS
  )
    points.splice(-2, 1)
  return { points, stepS: window.stepS, from: window.from, to: window.to }
}

import { z } from "zod"
import type { Window } from "#db/queries/telemetry-series.ts"
import { BUCKET_MS } from "./bucket.ts"

/** How far back a chart looks. */
export const hoursInput = z
  .number()
  .int()
  .min(1)
  .max(24 * 90)
export const MAX_POINTS = 2_000
const STEPS_S = [300, 900, 1_800, 3_600, 7_200, 14_400]

/** The window of a chart that ends with the bucket of `now`, in the finest steps that stay within `MAX_POINTS`. */
export function seriesWindow(now: Date, hours: number): Window {
  const stepS =
    STEPS_S.find((step) => (hours * 3_600) / step < MAX_POINTS) ?? STEPS_S.at(-1) ?? BUCKET_MS / 1000
  const stepMs = stepS * 1000
  const to = (Math.floor(now.getTime() / stepMs) + 1) * stepMs
  const from = Math.floor((now.getTime() - hours * 3_600_000) / stepMs) * stepMs
  return { from: new Date(from), to: new Date(to), stepS }
}

/** Every step of the window: the known ones, and `gap` where nothing is known. */
export function withGaps<Step extends { at: Date }>(
  window: Window,
  steps: readonly Step[],
  gap: (at: Date) => Step,
): Step[] {
  const known = new Map(steps.map((step) => [step.at.getTime(), step]))
  const points: Step[] = []
  for (let ms = window.from.getTime(); ms < window.to.getTime(); ms += window.stepS * 1000)
    points.push(known.get(ms) ?? gap(new Date(ms)))
  return points
}

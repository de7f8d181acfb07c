import { formatClock } from "#app/lib/format.ts"

/** Pure geometry of the charts: everything in shares of the plot, so that no size is needed on the server. */

export type Scale = { min: number; max: number; step: number; ticks: number[] }

/** Round ticks around the values; from 0 unless `fromZero` is false. About `lines` of them. */
export function scaleOf(
  values: readonly (number | null)[],
  options: { fromZero: boolean; lines?: number },
): Scale {
  const known = values.filter((value): value is number => value !== null)
  const high = known.length ? Math.max(...minMax(known)) : 1
  const low = options.fromZero || !known.length ? 0 : Math.min(...minMax(known))
  const step = niceStep((high - low || Math.abs(high) || 1) / (options.lines ?? 3))
  const min = options.fromZero ? 0 : Math.floor(low / step) * step
  const max = Math.max(Math.ceil((high - step * 1e-9) / step) * step, min + step)
  const ticks = Array.from({ length: Math.round((max - min) / step) + 1 }, (_, at) => min + at * step)
  return { min, max, step, ticks }
}

function minMax(values: number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const part = rough / power
  return (part <= 1 ? 1 : part <= 2 ? 2 : part <= 2.5 ? 2.5 : part <= 5 ? 5 : 10) * power
}

const TICK_MINUTES = [10, 15, 30, 60, 120, 180, 240, 360, 720, 1440]
const GRAIN_MS = 5 * 60_000

/** Round times of the zone's clock inside the span, at most seven, with their place as a share. */
export function clockTicks(
  from: number,
  to: number,
  zone: string,
): { at: number; share: number; label: string }[] {
  const minutes = (to - from) / 60_000
  const every = TICK_MINUTES.find((step) => minutes / step <= 7) ?? 1440
  const ticks: { at: number; share: number; label: string }[] = []
  for (let at = Math.ceil(from / GRAIN_MS) * GRAIN_MS; at <= to; at += GRAIN_MS) {
    const label = formatClock(new Date(at), zone)
    const [hour, minute] = label.split(":").map(Number)
    if (((hour ?? 0) * 60 + (minute ?? 0)) % every === 0)
      ticks.push({ at, share: (at - from) / (to - from), label })
  }
  return ticks
}

/** An SVG path over a 1000 × 1000 plot, broken where a value is unknown. A lone point becomes a short dash. */
export function linePath(
  times: readonly number[],
  values: readonly (number | null)[],
  span: { from: number; to: number },
  scale: Scale,
): string {
  const x = (at: number) => (((at - span.from) / (span.to - span.from)) * 1000).toFixed(1)
  const y = (value: number) => ((1 - (value - scale.min) / (scale.max - scale.min)) * 1000).toFixed(1)
  let path = ""
  let open = false
  values.forEach((value, index) => {
    const at = times[index]
    if (value === null || at === undefined) {
      open = false
      return
    }
    const alone = !open && (values[index + 1] ?? null) === null
    path += open ? `L${x(at)} ${y(value)}` : `M${x(at)} ${y(value)}`
    if (alone) path += "h1.5"
    open = true
  })
  return path
}

/** Spans in which `marked` holds, as shares of the plot; each sample stands for the time until the next. */
export function bands(
  times: readonly number[],
  marked: readonly boolean[],
  span: { from: number; to: number },
): { x: number; width: number }[] {
  const found: { x: number; width: number }[] = []
  const share = (at: number) => Math.min(1, Math.max(0, (at - span.from) / (span.to - span.from)))
  let start: number | null = null
  times.forEach((at, index) => {
    if (marked[index] && start === null) start = at
    if (!marked[index] && start !== null) {
      found.push({ x: share(start), width: share(at) - share(start) })
      start = null
    }
  })
  if (start !== null) found.push({ x: share(start), width: 1 - share(start) })
  return found
}

/** The index of the time nearest to a moment. */
export function nearest(times: readonly number[], moment: number): number {
  let best = 0
  for (let index = 1; index < times.length; index += 1)
    if (Math.abs((times[index] ?? 0) - moment) < Math.abs((times[best] ?? 0) - moment)) best = index
  return best
}

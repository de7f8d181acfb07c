/**
 * The collector's idea of the true time. The heartbeat anchors it to the server's clock; between heartbeats it runs
 * on the monotonic clock, so that somebody setting the system's clock moves no sample.
 */
export type EdgeClock = {
  /** True time, ms since 1970; the system's clock (plus the stored offset) until the first heartbeat. */
  nowMs: () => number
  iso: () => string
  /** Corrected minus system clock, ms. */
  offsetMs: () => number
  /** One round trip, times of the monotonic clock. Measurements over a slow line do not replace a fresh one. */
  measure: (sentMono: number, receivedMono: number, serverTimeMs: number) => void
  /** How far the system's clock moved against the monotonic one since the last call, ms; 0 when within 2 s. */
  jumpMs: () => number
}

export type ClockSource = { wallMs: () => number; monotonicMs: () => number }
export const systemClock: ClockSource = { wallMs: () => Date.now(), monotonicMs: () => performance.now() }

const JUMP_MS = 2_000
const SLOW_ROUND_TRIP_MS = 2_000
const ANCHOR_STALE_MS = 60_000

export function createEdgeClock(source: ClockSource, storedOffsetMs = 0): EdgeClock {
  let anchor: { mono: number; trueMs: number } | null = null
  let lastGap = source.wallMs() - source.monotonicMs()
  const nowMs = () =>
    anchor === null
      ? source.wallMs() + storedOffsetMs
      : Math.round(anchor.trueMs + (source.monotonicMs() - anchor.mono))
  return {
    nowMs,
    iso: () => new Date(nowMs()).toISOString(),
    offsetMs: () => Math.round(nowMs() - source.wallMs()),
    measure: (sentMono, receivedMono, serverTimeMs) => {
      const slow = receivedMono - sentMono > SLOW_ROUND_TRIP_MS
      if (slow && anchor !== null && receivedMono - anchor.mono < ANCHOR_STALE_MS) return
      anchor = { mono: (sentMono + receivedMono) / 2, trueMs: serverTimeMs }
    },
    jumpMs: () => {
      const gap = source.wallMs() - source.monotonicMs()
      const jump = gap - lastGap
      lastGap = gap
      return Math.abs(jump) > JUMP_MS ? Math.round(jump) : 0
    },
  }
}

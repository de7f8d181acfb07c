/**
 * Which batch goes next. Two lanes, one request at a time in each: *fresh* takes the oldest batch younger than the
 * horizon, *backlog* takes the oldest of all the others. Live pages therefore never wait behind a night without
 * uplink, the backlog drains in its order beside them, and neither can starve the other. Pure.
 */
export type Lane = "fresh" | "backlog"
export const LANES: readonly Lane[] = ["fresh", "backlog"]

/** Live pages call a value stale after two intervals or 30 s; what is younger is worth overtaking for. */
export function freshHorizonMs(pollIntervalMs: number): number {
  return Math.max(2 * pollIntervalMs, 30_000)
}

export type LaneWindow = { olderThanMs: number | null; atLeastMs: number | null }

/** The time of sealing that a batch of this lane has: from `atLeastMs` on, or before `olderThanMs`. */
export function laneWindow(lane: Lane, nowMs: number, horizonMs: number): LaneWindow {
  return lane === "fresh"
    ? { atLeastMs: nowMs - horizonMs, olderThanMs: null }
    : { atLeastMs: null, olderThanMs: nowMs - horizonMs }
}

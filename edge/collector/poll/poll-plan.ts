import type { Fault } from "#server/contract/driver-faults.ts"

/** What the collector remembers of a miner between polls. */
export type PollState = {
  /** Dials that failed since the last reading. */
  failures: number
  turnsSinceDial: number
  lastFault: Fault | null
  /** Set by a refused login: until then nothing that could need one is asked (`decisions.md` 29). Monotonic ms. */
  noLoginUntil: number
}
export const freshPollState = (): PollState => ({
  failures: 0,
  turnsSinceDial: 0,
  lastFault: null,
  noLoginUntil: 0,
})

/** Failures in a row until a miner is dialled less often. */
export const BACK_OFF_AFTER = 3
export const LOGIN_PAUSE_MS = 3_600_000

/**
 * What a miner's turn does. `read`: a full reading, with a second try when the last one worked. `look`: only ask who is
 * there. `repeat`: no dial, the last fault is reported again. The back-off is one turn and never more: a machine that
 * comes back is seen within two intervals, a dead one costs one connection attempt in two. Pure.
 */
export function planTurn(
  state: PollState,
  monotonicMs: number,
): { act: "read" | "look" | "repeat"; retry: boolean } {
  if (state.noLoginUntil > monotonicMs) return { act: "look", retry: false }
  if (state.failures >= BACK_OFF_AFTER && state.turnsSinceDial < 1) return { act: "repeat", retry: false }
  return { act: "read", retry: state.failures === 0 }
}

export function afterDial(state: PollState, fault: Fault | null, monotonicMs: number): PollState {
  if (fault === null) return freshPollState()
  return {
    failures: state.failures + 1,
    turnsSinceDial: 0,
    lastFault: fault,
    noLoginUntil: fault.kind === "auth" ? monotonicMs + LOGIN_PAUSE_MS : state.noLoginUntil,
  }
}

/** Faults that a second try a moment later can get over. */
export function worthRetrying(fault: Fault): boolean {
  return (
    fault.kind === "timeout" || fault.kind === "refused" || fault.kind === "garbled" || fault.kind === "busy"
  )
}

import { setTimeout as wait } from "node:timers/promises"
import type { FaultKind } from "#server/contract/driver-faults.ts"

/** Pauses before each repetition of a read, ms. As many repetitions as pauses. Writes are never repeated. */
export type RetryPolicy = readonly number[]

export const NO_RETRY: RetryPolicy = []
/** A poll: one more try inside the miner's budget (`decisions.md` 28). */
export const POLL_RETRY: RetryPolicy = [250]
export const PROBE_RETRY: RetryPolicy = [500, 1000, 2000]

/** A refused, locked or unknown door does not open by knocking again. */
const RETRYABLE: Record<FaultKind, boolean> = {
  timeout: true,
  garbled: true,
  busy: true,
  refused: false,
  auth: false,
  unsupported: false,
}

/** The repetitions left to one reading; all requests of the reading draw on the same few. */
export type RetryAllowance = {
  /** Waits the next pause, up to a tenth longer so that many miners do not knock in step. False: give up. */
  again: (kind: FaultKind) => Promise<boolean>
}

export function retryAllowance(policy: RetryPolicy, signal: AbortSignal): RetryAllowance {
  let used = 0
  return {
    again: async (kind) => {
      const pause = policy[used]
      if (pause === undefined || !RETRYABLE[kind] || signal.aborted) return false
      used += 1
      try {
        await wait(pause * (1 + Math.random() / 10), undefined, { signal })
      } catch {
        return false // aborted while waiting: the caller reports the fault it has
      }
      return true
    },
  }
}

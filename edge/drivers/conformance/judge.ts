import { expect } from "vitest"
import { FAULT_KINDS, type Outcome } from "#server/contract/driver-faults.ts"
import { sampleSchema } from "#server/contract/telemetry.ts"
import type { Reading } from "../driver.ts"

/** A reading as the wire wants it. */
export const asSample = (reading: Reading) => ({
  ...reading,
  miner_id: "x",
  collected_at: "2026-01-01T00:00:00Z",
})

/** Whatever a miner sends, its driver makes a valid sample of it, or a fault in words. */
export function expectSampleOrFault(outcome: Outcome<Reading>): void {
  if (outcome.ok) {
    const problem = sampleSchema.safeParse(asSample(outcome.value)).error
    if (problem !== undefined) expect(problem.issues).toEqual([])
    return
  }
  if (!FAULT_KINDS.includes(outcome.fault.kind)) expect(FAULT_KINDS).toContain(outcome.fault.kind)
  if (outcome.fault.message.length <= 10) expect(outcome.fault.message).toBe("a sentence")
}

/** What two readings of a machine whose clock stands still must agree on. */
export const untimed = (reading: Reading) => ({ ...reading, latency_ms: null, pool_latency_ms: null })

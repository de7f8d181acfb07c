import type { FaultKind } from "#server/contract/driver-faults.ts"

/** What happened in one interval, for the wide log line and the heartbeat. */
export type PollCycle = {
  read: number
  failed: number
  repeated: number
  faults: Partial<Record<FaultKind, number>>
  slowest_ms: number
}
export const emptyCycle = (): PollCycle => ({ read: 0, failed: 0, repeated: 0, faults: {}, slowest_ms: 0 })

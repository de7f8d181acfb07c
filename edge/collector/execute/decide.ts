import type { LeasedCommand } from "#server/contract/edge.ts"
import type { JournalEntry } from "./journal.ts"

/**
 * What to do with a lease that arrived, from the lease, the journal and the clock alone. Pure.
 * `ignore`: not ours to answer. `answer`: done before, the journal answers. `follow`: begun before and not finished,
 * only the token is newer. `refuse`: an end without acting.
 */
export type LeaseDecision =
  | { do: "ignore"; why: "stale lease" | "lease ended" }
  | { do: "answer" }
  | { do: "follow" }
  | { do: "refuse"; code: 2; message: string }
  | { do: "act" }

export const EXPIRED = "Skipped: the command expired before it could run."

export function decideLease(
  lease: LeasedCommand,
  entry: JournalEntry | null,
  facts: { runningHere: boolean; nowMs: number },
): LeaseDecision {
  if (entry !== null && BigInt(lease.fencing_token) < BigInt(entry.fencingToken))
    return { do: "ignore", why: "stale lease" }
  if (entry?.state === "finished") return { do: "answer" }
  if (facts.runningHere || entry !== null) return { do: "follow" }
  if (Date.parse(lease.lease_until) <= facts.nowMs) return { do: "ignore", why: "lease ended" }
  if (Date.parse(lease.expires_at) <= facts.nowMs) return { do: "refuse", code: 2, message: EXPIRED }
  return { do: "act" }
}

/** Accuracy of an uptime in whole seconds, and of two clocks held together by the heartbeat. */
const UPTIME_MARGIN_MS = 5_000
/** A restart that was asked for has begun long before this. */
export const RESTART_SETTLES_MS = 90_000

/**
 * Did a machine restart because of an act that began at `startedMs`? `yes`: it came up after that moment. `no`: enough
 * time has passed and it has been up since before. `unclear`: look again later.
 */
export function restartedSince(facts: {
  startedMs: number
  nowMs: number
  uptimeSeconds: number | null
}): "yes" | "no" | "unclear" {
  if (facts.uptimeSeconds === null) return "unclear"
  const upSinceMs = facts.nowMs - facts.uptimeSeconds * 1000
  if (upSinceMs >= facts.startedMs) return "yes"
  const settled = facts.nowMs - facts.startedMs >= RESTART_SETTLES_MS
  return settled && upSinceMs < facts.startedMs - UPTIME_MARGIN_MS ? "no" : "unclear"
}

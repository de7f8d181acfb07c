import { FAULT_KINDS } from "#server/contract/driver-faults.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import { minerPollErrorsTotal, minerPollLatencyMs } from "#server/metrics.ts"

/** Makes with a label of their own: what a collector sends must not make new time series. */
const MAKES = ["antminer", "whatsminer"] as const
const latency = new Map([...MAKES, "other"].map((family) => [family, minerPollLatencyMs.labels(family)]))
const errors = new Map([...FAULT_KINDS, "unknown"].map((type) => [type, minerPollErrorsTotal.labels(type)]))
/** A collector writes the fault's kind in front of its message. */
const KIND = new RegExp(`^(${FAULT_KINDS.join("|")})\\b`)

/** How the polls behind stored samples went, for the web's /metrics; a collector's own endpoint counts them where they happen. */
export function countReadings(
  samples: Iterable<Pick<TelemetrySample, "online" | "make" | "latency_ms" | "error_message">>,
): void {
  for (const { online, make, latency_ms, error_message } of samples) {
    if (!online) errors.get(KIND.exec(error_message ?? "")?.[1] ?? "unknown")?.inc()
    else if (latency_ms != null)
      (latency.get(make?.toLowerCase() ?? "other") ?? latency.get("other"))?.observe(latency_ms)
  }
}

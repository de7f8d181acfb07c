import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import type { HttpReads } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import type { EpicDetails } from "./boards.ts"
import { mapEpic, operatingState } from "./map.ts"
import { epicFacts } from "./models.ts"
import { epicReads } from "./web.ts"

/** `summary`, and while it mines what it tells of chips; what an older build lacks costs itself and nothing else. */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const reads = epicReads(context)
  const summary = await reads.object("summary")
  if (!summary.ok) return summary
  const details = operatingState(summary.value).atRest
    ? { ok: true as const, value: NOTHING }
    : await readDetails(reads)
  if (!details.ok) return details
  const mapped = mapEpic(summary.value, details.value, epicFacts(identity.model))
  return ok(completeReading(context, identity, { ...mapped, latency_ms: reads.latencyMs() }))
}

const NOTHING: EpicDetails = { capabilities: null, hashrate: null, chipTemps: null }

async function readDetails(reads: HttpReads): Promise<Outcome<EpicDetails>> {
  const details: EpicDetails = { ...NOTHING }
  const parts = [
    ["capabilities", (value: unknown) => (details.capabilities = value as Row | null)],
    ["hashrate", (value: unknown) => (details.hashrate = value)],
    ["temps/chip", (value: unknown) => (details.chipTemps = value)],
  ] as const
  for (const [path, keep] of parts) {
    const answer = await reads.value(path)
    if (answer.ok) keep(answer.value)
    else if (answer.fault.kind !== "unsupported" && answer.fault.kind !== "auth") return answer
  }
  return ok(details)
}

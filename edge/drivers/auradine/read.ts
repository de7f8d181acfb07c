import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { readEach } from "../transport/read-each.ts"
import { rows } from "../transport/reply.ts"
import { auradineSession, getReport, SECTIONS } from "./api.ts"
import { mapAuradine, type Reports } from "./map.ts"
import { auradineFacts } from "./models.ts"

const ON_RPC = ["summary", "devs", "pools", "psu", "fan", "temperature", "mode", "led", "frequency"] as const
/** What the API is asked for where the command port does not tell it; single chips are not worth a request. */
const BY_API = ["psu", "fan", "temperature", "mode", "led"] as const

/** One joined request, then the API for what that left open. A refused login costs only the latter. */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const rpc = auradineSession(context)
  const replies = await readEach(rpc, ON_RPC)
  if (!replies.ok) return replies
  const reports = Object.fromEntries(
    ON_RPC.map((name, at) => {
      const reply = replies.value[at]
      return [name, reply ? rows(reply.body, SECTIONS[name]!) : null]
    }),
  ) as Reports
  if ((reports.summary?.length ?? 0) === 0 && (reports.devs?.length ?? 0) === 0)
    return fault("garbled", "The miner answered with neither a summary nor its boards.")
  let missing: string | null = null
  for (const name of BY_API) {
    if (reports[name] !== null || missing !== null) continue
    const asked = await getReport(context, name)
    if (asked.ok) reports[name] = asked.value
    else if (asked.fault.kind !== "unsupported")
      missing = `Power, fans and mode are unknown. ${asked.fault.message}`
  }
  const mapped = mapAuradine(reports, auradineFacts(identity.model))
  const told = missing === null ? {} : { error_message: missing }
  return ok(completeReading(context, identity, { ...mapped, ...told, latency_ms: rpc.latencyMs() }))
}

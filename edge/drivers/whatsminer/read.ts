import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { mac } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { flat, optional } from "./identify.ts"
import { isSwitchedOff, mapErrorCodes, mapWhatsminer } from "./map.ts"
import { whatsminerFacts } from "./models.ts"

const REPORTS = ["summary", "devs", "pools"] as const

/**
 * One joined request; `get_error_code` where `summary` does not count errors, and `status` where nothing is hashed,
 * to tell a machine that was switched off from one that starts.
 */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const rpc = rpcSession(context)
  const replies = await rpc.readJoined(REPORTS)
  if (!replies.ok) return replies
  const [summaryReply, devs, pools] = replies.value
  const summary = rows(summaryReply!.body, "SUMMARY")[0]
  if (summary === undefined) return fault("garbled", "The miner answered summary without a summary.")
  const mapped = mapWhatsminer(
    { summary, devs: rows(devs!.body, "DEVS"), pools: rows(pools!.body, "POOLS") },
    whatsminerFacts(identity.model),
  )
  mapped.mac = identity.mac ?? mac(summary.MAC)
  if (mapped.errors === null || (mapped.errors?.length ?? 0) > 0) {
    const codes = await optional(rpc.read("get_error_code"))
    if (!codes.ok) return codes
    mapped.errors = mapErrorCodes(flat(codes.value)) ?? mapped.errors ?? null
  }
  if (mapped.mining !== true) {
    const status = await optional(rpc.read("status"))
    if (!status.ok) return status
    if (isSwitchedOff(flat(status.value)) === true)
      Object.assign(mapped, { mining: false, power_mode: "sleep" })
  }
  mapped.latency_ms = rpc.latencyMs()
  return ok(completeReading(context, identity, mapped))
}

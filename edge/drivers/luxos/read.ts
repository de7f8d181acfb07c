import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { number } from "../transport/coerce.ts"
import { readEach } from "../transport/read-each.ts"
import { type Row, rows } from "../transport/reply.ts"
import { type LuxRows, mapLux } from "./map.ts"
import { luxRpc } from "./rpc.ts"

const ASKED = [
  "summary",
  "stats",
  "devs",
  "pools",
  "temps",
  "fans",
  "power",
  "config",
  "profiles",
  "events",
] as const

/** One joined request. Reads need no session. */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const rpc = luxRpc(context)
  const replies = await readEach(rpc, ASKED)
  if (!replies.ok) return replies
  const [summary, , , , temps] = replies.value
  if (!summary) return fault("garbled", "The machine answers, but not what it is doing.")
  const told = {
    metadata: temps ? rows(temps.body, "METADATA") : [],
    nowS: deviceTime(summary.body),
  } as LuxRows
  for (const [at, name] of ASKED.entries()) {
    const reply = replies.value[at]
    told[name] = reply ? rows(reply.body, name.toUpperCase()) : []
  }
  return ok(completeReading(context, identity, { ...mapLux(told), latency_ms: rpc.latencyMs() }))
}

/** `When` of the status: the machine's own clock, s. */
function deviceTime(body: Row): number | null {
  return number(rows(body, "STATUS")[0]?.When)
}

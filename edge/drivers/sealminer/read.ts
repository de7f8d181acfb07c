import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { readEach } from "../transport/read-each.ts"
import { type Reply, rows } from "../transport/reply.ts"
import { flatStats, sealSession } from "./identify.ts"
import { mapSealminer } from "./map.ts"

const REPORTS = ["stats", "summary", "pools"] as const

/** Three reports, joined where the firmware joins. Nothing needs a login. */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const rpc = sealSession(context)
  let replies: Outcome<(Reply | null)[]> = await rpc.readJoined(REPORTS)
  if (!replies.ok && replies.fault.kind === "unsupported") replies = await readEach(rpc, REPORTS)
  if (!replies.ok) return replies
  const [stats, summary, pools] = replies.value
  const section = (reply: Reply | null | undefined, name: string) => (reply ? rows(reply.body, name) : [])
  const given = {
    stats: flatStats(section(stats, "STATS")),
    summary: section(summary, "SUMMARY")[0],
    pools: section(pools, "POOLS"),
  }
  if (given.stats === undefined && given.summary === undefined)
    return fault("garbled", "The miner answered with neither statistics nor a summary.")
  const mapped = mapSealminer(given, identity.model)
  return ok(completeReading(context, identity, { ...mapped, latency_ms: rpc.latencyMs() }))
}

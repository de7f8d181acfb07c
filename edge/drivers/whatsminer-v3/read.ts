import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { rows } from "../transport/reply.ts"
import { whatsminerFacts } from "../whatsminer/models.ts"
import { read as readOn4028 } from "../whatsminer/read.ts"
import { mapStatus } from "./map.ts"
import { frameSession } from "./session.ts"
import { readShares } from "./shares.ts"

const PARTS = ["summary", "edevs", "pools"] as const

/**
 * One joined status, and the device's report with its errors and whether it works. This API counts no shares; the older
 * `summary` does, where port 4028 still answers. Where 4433 is shut, all of it comes from 4028.
 */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const frames = frameSession(context)
  const status = await frames.read("get.miner.status", PARTS.join("+"))
  if (!status.ok) {
    if (!frames.isAbsent()) return status
    const older = await readOn4028(context, identity)
    return older.ok ? older : status
  }
  const { msg } = status.value
  if (rows(msg, "summary").length === 0)
    return fault("garbled", "The miner answered its status without a summary.")
  const info = await frames.optional("get.device.info")
  if (!info.ok) return info
  const mapped = mapStatus(msg, info.value?.msg ?? null, whatsminerFacts(identity.model))
  if (mapped.accepted_shares === null) Object.assign(mapped, await readShares(context))
  mapped.latency_ms = frames.latencyMs()
  return ok(completeReading(context, identity, mapped))
}

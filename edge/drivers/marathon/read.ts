import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import { antminerFacts } from "../antminer/models.ts"
import { read as readByRpc } from "../antminer/read.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { type HttpReads, objectAt } from "../transport/http-reads.ts"
import { type Row, rows } from "../transport/reply.ts"
import { eventErrors, mapMarathon } from "./map.ts"
import { marathonReads } from "./web.ts"

/**
 * `brief`, boards, fans and pools behind the login, and what went wrong where it neither mines nor sleeps. A web that is
 * closed, or a refused login, leaves port 4028, which answers as any bmminer.
 */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const reads = marathonReads(context)
  const brief = await reads.object("brief")
  if (!brief.ok) {
    if (!["refused", "unsupported", "auth"].includes(brief.fault.kind)) return brief
    const byRpc = await readByRpc(context, identity)
    return byRpc.ok ? byRpc : brief
  }
  const boards = await optional(reads, "hashboards", "details")
  if (!boards.ok) return boards
  const fans = await optional(reads, "fans")
  if (!fans.ok) return fans
  const pools = await reads.value("pools")
  if (!pools.ok && pools.fault.kind !== "unsupported") return pools
  const mapped = mapMarathon(
    {
      brief: brief.value,
      boards: boards.value,
      fans: fans.value,
      pools: pools.ok ? poolRows(pools.value) : null,
    },
    antminerFacts(identity.model),
  )
  const unwell = mapped.mining !== true && mapped.power_mode !== "sleep"
  const events = unwell ? await reads.object("event_chart") : null
  mapped.mining ??= false
  mapped.errors = events?.ok ? eventErrors(events.value) : null
  return ok(completeReading(context, identity, mapped, reads.latencyMs()))
}

/** The first of these pages that the build has; null: none. */
async function optional(reads: HttpReads, ...pages: string[]): Promise<Outcome<Row | null>> {
  for (const page of pages) {
    const answer = await reads.object(page)
    if (answer.ok || (answer.fault.kind !== "unsupported" && answer.fault.kind !== "auth")) return answer
  }
  return ok(null)
}

/** A list, or one wrapped in an object. */
function poolRows(value: unknown): Row[] {
  return Array.isArray(value) ? rows({ pools: value }, "pools") : rows(objectAt({ value }, "value"), "pools")
}

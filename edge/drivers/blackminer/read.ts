import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading, type Mapped } from "../reading.ts"
import { rows } from "../transport/reply.ts"
import { mapBlack } from "./map.ts"
import { blackFacts } from "./models.ts"
import { blackSession } from "./rpc.ts"

type ByWeb = {
  /** The reading where the command port is shut. */
  instead: (context: DriverContext, identity: Identity) => Promise<Outcome<Mapped>>
  /** Asked where the machine does not hash: is it asleep? */
  atRest?: (context: DriverContext) => Promise<Mapped["power_mode"]>
}

/** Three requests on port 8359; the web interface only where that port is shut, or the machine does not hash. */
export async function readBlack(
  context: DriverContext,
  identity: Identity,
  web: ByWeb,
): Promise<Outcome<Reading>> {
  const rpc = blackSession(context)
  const summary = await rpc.read("summary")
  if (!summary.ok) {
    if (summary.fault.kind !== "refused" && summary.fault.kind !== "unsupported") return summary
    const instead = await web.instead(context, identity)
    if (instead.ok) return ok(completeReading(context, identity, instead.value))
    return instead.fault.kind === "auth" ? instead : summary
  }
  const stats = await rpc.read("stats")
  if (!stats.ok && stats.fault.kind !== "unsupported") return stats
  const pools = await rpc.read("pools")
  if (!pools.ok && pools.fault.kind !== "unsupported") return pools
  const statsRows = stats.ok ? rows(stats.value.body, "STATS") : []
  const flat = statsRows.find((row) => "MHS 5s" in row || "chain_acn1" in row || "Elapsed" in row)
  const mapped = mapBlack(
    {
      summary: rows(summary.value.body, "SUMMARY")[0],
      stats: flat,
      pools: pools.ok ? rows(pools.value.body, "POOLS") : [],
    },
    blackFacts(identity.family, identity.model),
  )
  const mode = mapped.mining === true ? null : ((await web.atRest?.(context)) ?? null)
  if (!pools.ok) mapped.pools = null
  mapped.mining ??= false
  mapped.power_mode = mode
  return ok(completeReading(context, identity, mapped, rpc.latencyMs()))
}

import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import { antminerFacts } from "../antminer/models.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { objectAt } from "../transport/http-reads.ts"
import { rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { mapVnish } from "./map.ts"
import { mapVnishRpc } from "./map-rpc.ts"
import { openReads } from "./web.ts"

/**
 * `summary`, `info` for the uptime of the machine and `factory-info` for its boards' serial numbers. Where the web is closed, or its pages ask for a login that is
 * refused, port 4028 tells nearly as much.
 */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const web = openReads(context)
  const summary = await web.object("summary")
  if (!summary.ok) {
    if (!["refused", "unsupported", "auth"].includes(summary.fault.kind)) return summary
    const byRpc = await readByRpc(context, identity)
    return byRpc.ok ? byRpc : summary
  }
  const info = await web.object("info")
  if (!info.ok && info.fault.kind === "timeout") return info
  const factory = await web.object("chains/factory-info")
  if (!factory.ok && factory.fault.kind === "timeout") return factory
  const facts = antminerFacts(identity.model)
  const nested = objectAt(summary.value, "miner")
  const miner = Object.keys(nested).length > 0 ? nested : summary.value
  const mapped = mapVnish(
    miner,
    { info: info.ok ? info.value : null, factory: factory.ok ? factory.value : null },
    facts,
  )
  return ok(completeReading(context, identity, { ...mapped, latency_ms: web.latencyMs() }))
}

async function readByRpc(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const rpc = rpcSession(context)
  const summary = await rpc.read("summary")
  if (!summary.ok) return summary
  const stats = await rpc.read("stats")
  if (!stats.ok && stats.fault.kind !== "unsupported") return stats
  const pools = await rpc.read("pools")
  if (!pools.ok && pools.fault.kind !== "unsupported") return pools
  const statsRows = stats.ok ? rows(stats.value.body, "STATS") : []
  const mapped = mapVnishRpc(
    {
      summary: rows(summary.value.body, "SUMMARY")[0],
      stats: statsRows.find((row) => "GHS 5s" in row || "chain_acn1" in row || "Elapsed" in row),
      pools: pools.ok ? rows(pools.value.body, "POOLS") : [],
    },
    antminerFacts(identity.model),
  )
  return ok(
    completeReading(context, identity, {
      ...mapped,
      ...(pools.ok ? {} : { pools: null }),
      mining: mapped.mining ?? false,
      latency_ms: rpc.latencyMs(),
    }),
  )
}

import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import { actBy, capabilitiesBy } from "../act-table.ts"
import type { Driver, DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { mapMskminer } from "./map.ts"
import { MSKMINER_WEB } from "./web.ts"

const READ_ONLY = "how this firmware is told to change anything is not documented, so it is only read"
const capabilities = (identity: Identity) => capabilitiesBy(identity, {}, READ_ONLY)

/** Three requests on port 4028; the web interface tells nothing more that changes. */
async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const rpc = rpcSession(context)
  const stats = await rpc.read("stats")
  if (!stats.ok) return stats
  const summary = await rpc.read("summary")
  if (!summary.ok && summary.fault.kind !== "unsupported") return summary
  const pools = await rpc.read("pools")
  if (!pools.ok && pools.fault.kind !== "unsupported") return pools
  const mapped = mapMskminer(
    {
      summary: summary.ok ? rows(summary.value.body, "SUMMARY")[0] : undefined,
      stats: rows(stats.value.body, "STATS"),
      pools: pools.ok ? rows(pools.value.body, "POOLS") : [],
    },
    identity.model,
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

/** MSKMiner on the S19: cgminer's port and a web login. Read only. */
export const mskminerDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  factoryUser: MSKMINER_WEB.factory.username,
  identify,
  read,
  capabilities,
  act: actBy({}, capabilities),
}

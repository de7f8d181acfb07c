import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import { configuredMode, mapWebStats } from "../antminer/map-web.ts"
import { getWeb } from "../antminer/web.ts"
import { blackFacts } from "../blackminer/models.ts"
import type { DriverContext, Identity } from "../driver.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { rows } from "../transport/reply.ts"

/** `stats.cgi` and `pools.cgi`, for a machine whose command port is shut. Scrypt rates are MH/s where no unit stands. */
export async function readByWeb(context: DriverContext, identity: Identity): Promise<Outcome<Mapped>> {
  const started = performance.now()
  const page = await getWeb(context, "stats")
  const latency_ms = performance.now() - started
  if (!page.ok) return page
  const pools = await getWeb(context, "pools")
  if (!pools.ok && pools.fault.kind !== "unsupported") return pools
  const poolRows = pools.ok ? rows(pools.value, "POOLS") : []
  const stats = rows(page.value, "STATS")[0]
  const facts = blackFacts(identity.family, identity.model)
  const mapped: Mapped =
    stats === undefined
      ? { mining: false }
      : mapWebStats({ ...stats, rate_unit: stats.rate_unit ?? "MH/s" }, facts)
  return ok({
    ...mapped,
    accepted_shares: sumOverPools(poolRows, "accepted"),
    rejected_shares: sumOverPools(poolRows, "rejected"),
    stale_shares: sumOverPools(poolRows, "stale"),
    pools: pools.ok ? mapPools(poolRows) : null,
    latency_ms,
  })
}

/** The mode that a machine at rest was told to work in. */
export async function restMode(context: DriverContext): Promise<Mapped["power_mode"]> {
  const conf = await getWeb(context, "get_miner_conf")
  return conf.ok ? configuredMode(conf.value) : null
}

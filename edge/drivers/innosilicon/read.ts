import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { PoolSample } from "#server/contract/telemetry.ts"
import { readTotals } from "../cgminer-totals.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { objectAt } from "../transport/http-reads.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { innosiliconErrors } from "./errors.ts"
import { mapAll, withChips } from "./map.ts"
import { readPools } from "./pools.ts"
import { readApi } from "./web.ts"

/** Port 4028 for totals, pools and chips; the web for boards, watts and errors, and a refused login costs these alone. */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const rpc = rpcSession(context)
  const totals = await readTotals(rpc, "stats")
  if (!totals.ok) return totals
  const { mapped, stats } = totals.value
  const started = performance.now()
  const all = await readApi(context, "getAll")
  const webMs = performance.now() - started
  if (mapped === null && !all.ok) return all
  const web = all.ok ? mapAll(objectAt(all.value, "all"), stats, identity.model) : null
  const detail = all.ok ? await readApi(context, "getErrorDetail") : all
  const errors = detail.ok ? innosiliconErrors(detail.value.code) : null
  if (mapped === null) {
    const pools = await readPools(context)
    return ok(
      completeReading(context, identity, {
        ...web!,
        pools: pools.ok
          ? pools.value.map(({ url, user }): PoolSample => ({ url, user, status: null, active: false }))
          : null,
        errors,
        latency_ms: webMs,
      }),
    )
  }
  const boards = web?.boards?.length ? web.boards : withChips(mapped.boards ?? [], stats, identity.model)
  return ok(
    completeReading(context, identity, {
      ...mapped,
      hashrate_5s_ghs: mapped.hashrate_5s_ghs ?? web?.hashrate_5s_ghs ?? null,
      mining: mapped.mining ?? web?.mining ?? null,
      boards,
      boards_total: web?.boards_total ?? mapped.boards_total ?? null,
      power_consumption: web?.power_consumption ?? mapped.power_consumption ?? null,
      errors,
      latency_ms: rpc.latencyMs(),
    }),
  )
}

import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { text } from "../transport/coerce.ts"
import { sendDigest } from "../transport/digest-web.ts"
import { httpReads, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { confWords } from "./conf.ts"
import { mapElphapex } from "./map.ts"
import { ELPHAPEX } from "./web.ts"

/** Four pages, one after the other, and the configuration where the machine does not hash: is it asleep? */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const reads = httpReads(context, (request) =>
    sendDigest(context, { ...request, path: `/cgi-bin/${request.path}.cgi` }, ELPHAPEX),
  )
  const stats = await reads.object("stats")
  if (!stats.ok) return stats
  if (!("STATS" in stats.value) && !("STATUS" in stats.value))
    return fault("garbled", "The answer to stats holds nothing that this firmware tells of itself.")
  const optional = async (page: string): Promise<Outcome<Row | null>> => {
    const answer = await reads.object(page)
    return answer.ok || answer.fault.kind !== "unsupported" ? answer : ok(null)
  }
  const summary = await optional("summary")
  if (!summary.ok) return summary
  const pools = await optional("pools")
  if (!pools.ok) return pools
  const power = await optional("get_power")
  if (!power.ok) return power
  const mapped = mapElphapex(
    { stats: stats.value, summary: summary.value, pools: pools.value, power: power.value },
    identity.model,
  )
  const conf = mapped.mining === true ? ok(null) : await optional("get_miner_conf")
  const mode = conf.ok && conf.value !== null ? confWords(conf.value).mode : null
  return ok(
    completeReading(context, identity, {
      ...mapped,
      power_mode: mode,
      serial: identity.serial ?? text(objectAt(stats.value, "INFO").dev_sn, 128),
      latency_ms: reads.latencyMs(),
    }),
  )
}

import { mapRpc } from "../antminer/map-rpc.ts"
import { antminerFacts, type ModelFacts } from "../antminer/models.ts"
import { readFields } from "../field-table.ts"
import type { Mapped } from "../reading.ts"
import type { Row } from "../transport/reply.ts"
import { boardsPowerW, MSKMINER_FIELDS } from "./fields.ts"

export type MskminerRows = { summary: Row | undefined; stats: readonly Row[]; pools: Row[] }

/** One flat row with a number behind each board's keys, in one section or in two. Pure. */
export function mapMskminer({ summary, stats, pools }: MskminerRows, model: string | null): Mapped {
  const flat: Row | undefined = stats.length === 0 ? undefined : Object.assign({}, ...stats)
  const mapped = mapRpc({ summary, stats: flat, pools }, mskminerFacts(model))
  if (flat === undefined) return mapped
  const own = readFields(MSKMINER_FIELDS, { stats: flat })
  const rate = own.hashrate_5s_ghs ?? mapped.hashrate_5s_ghs ?? mapped.hashrate_ghs ?? null
  return {
    ...mapped,
    hashrate_5s_ghs: rate,
    hashrate_ghs: mapped.hashrate_ghs ?? rate,
    hashrate_expected_ghs: mapped.hashrate_expected_ghs ?? own.hashrate_expected_ghs ?? null,
    power_consumption: own.power_consumption ?? boardsPowerW(flat),
    mining: rate === null ? mapped.mining : rate > 0,
  }
}

/** `S19-88`: what stands behind the dash is the machine's own, the model before it. */
function mskminerFacts(model: string | null): ModelFacts | null {
  return antminerFacts(model) ?? antminerFacts(model?.replace(/-[^-]*$/, "") ?? null)
}

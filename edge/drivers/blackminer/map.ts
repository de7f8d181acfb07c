import { boardsTotal, type Kin, mapRpc, type RpcRows } from "../antminer/map-rpc.ts"
import type { ModelFacts } from "../antminer/models.ts"
import { readFields } from "../field-table.ts"
import type { Mapped } from "../reading.ts"
import { mhz } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { BLACK_FIELDS } from "./fields.ts"

/** An ideal rate whose unit nobody tells is believed when it is as large as the rate in MH/s. */
const IDEAL_SHARE = { least: 0.2, most: 5 }

/** Its map of chips may be shorter than the board; then the number of chips is what counts. */
const KIN: Kin = { rateUnit: "MH/s", shortMarks: true }

/**
 * Antminer's numbered slots with rates in MH/s. Slots without chips are empty ones: the machine lists one more than it
 * has boards, and a board that is missing shows in the number of them. Pure.
 */
export function mapBlack(rows: RpcRows, facts: ModelFacts | null): Mapped {
  const mapped = mapRpc(rows, facts === null ? null : { ...facts, boards: 0 }, KIN)
  const fields = readFields(BLACK_FIELDS, { summary: rows.summary, stats: rows.stats })
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  const boards = mapped.boards ?? []
  return Object.assign(mapped, fields, {
    hashrate_ghs: fields.hashrate_ghs ?? null,
    hashrate_5s_ghs: fields.hashrate_5s_ghs ?? null,
    hashrate_expected_ghs: idealGhs(rows.stats, rate),
    mining: rate === null ? null : rate > 0,
    boards_total: boards.length > 0 ? boardsTotal(boards.length, facts) : null,
  })
}

function idealGhs(stats: Row | undefined, rate: number | null): number | null {
  const mhs = mhz(stats?.total_rateideal)
  if (mhs === null || rate === null || rate <= 0) return null
  const share = rate / (mhs / 1000)
  return share >= IDEAL_SHARE.least && share <= IDEAL_SHARE.most ? mhs / 1000 : null
}

import type { BoardSample, MinerError } from "#server/contract/telemetry.ts"
import { hottest } from "../antminer/map-rpc.ts"
import { readFields } from "../field-table.ts"
import { chipsPerBoard } from "../health.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { chips, ghsFactor, number, positive, rpm, sensorTemps, text } from "../transport/coerce.ts"
import { listAt } from "../transport/http-reads.ts"
import { type Row, rows } from "../transport/reply.ts"
import { chainMhz, ELPHAPEX_FIELDS, milliC } from "./fields.ts"
import { type ElphapexFacts, elphapexFacts } from "./models.ts"

export type ElphapexPages = { stats: Row; summary: Row | null; pools: Row | null; power: Row | null }
const RATES = ["hashrate_ghs", "hashrate_5s_ghs", "hashrate_expected_ghs"] as const

/** The CGI pages to a reading. Pure. Hardware errors are unknown: the machine writes chips and rates in their place. */
export function mapElphapex(pages: ElphapexPages, model: string | null): Mapped {
  const stats = rows(pages.stats, "STATS")[0]
  const summary = pages.summary === null ? undefined : rows(pages.summary, "SUMMARY")[0]
  const poolRows = pages.pools === null ? [] : rows(pages.pools, "POOLS")
  const fields = readFields(ELPHAPEX_FIELDS, { stats, summary, power: pages.power ?? undefined })
  // The first Scrypt machines of this maker count in MH/s, whether they say so or not.
  const factor = ghsFactor(stats?.rate_unit ?? summary?.rate_unit ?? "MH/s")
  for (const key of RATES) if (fields[key] != null) fields[key] = fields[key]! * factor
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  const hashes = rate !== null && rate > 0
  const facts = elphapexFacts(model)
  const chain = listAt(stats ?? {}, "chain", 16)
  const fans = Array.isArray(stats?.fan) ? stats.fan.slice(0, 8).map(rpm) : []
  const boards = boardsOf(chain, factor, hashes, facts)
  return {
    ...fields,
    // The supply measures what it gives, not what it takes.
    power_estimated: fields.power_consumption == null ? null : true,
    mining: hashes,
    fan_speeds: fans.length > 0 ? fans : null,
    boards,
    boards_total: Math.max(boards.length, facts?.boards ?? 0) || null,
    temperature_chips: chain.flatMap((row) => chipTemps(row)),
    accepted_shares: sumOverPools(poolRows, "accepted"),
    rejected_shares: sumOverPools(poolRows, "rejected"),
    stale_shares: sumOverPools(poolRows, "stale"),
    pools: pages.pools === null ? null : mapPools(poolRows),
    errors: findings(summary),
  }
}

const chipTemps = (row: Row) => (Array.isArray(row.temp_chip) ? row.temp_chip.slice(0, 16).map(milliC) : [])

function boardsOf(chain: Row[], factor: number, hashes: boolean, facts: ElphapexFacts | null): BoardSample[] {
  const boards = chain.map((row, at): BoardSample => {
    const id = number(row.index)
    const rate = positive(row.rate_real) ?? positive(row.hashrate)
    const working = chips(row.asic_num)
    return {
      id: id !== null && Number.isInteger(id) && id >= 0 && id <= 255 ? id : at,
      hashrate: rate === null ? null : rate * factor,
      temp: hottest(sensorTemps(row.temp_pcb)),
      temp_chip_max: hottest(chipTemps(row)),
      frequency: chainMhz(row.freq_avg),
      voltage: null,
      // Idle boards read 0 chips beside a map of good ones; `asic` is shorter than the board has chips.
      chips_ok: working === 0 && !hashes ? null : working,
      chips_total: null,
      serial: text(row.sn, 128),
    }
  })
  boards.sort((one, other) => one.id - other.id)
  const total = chipsPerBoard(
    facts?.chips ?? null,
    boards.map((board) => board.chips_ok ?? null),
  )
  for (const board of boards) board.chips_total = total
  return boards
}

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  rate: "The hashrate is low. Look for boards that do not work and for heat.",
  network: "No pool is reached. Check cable, network and pool addresses.",
  fans: "A fan does not turn as it should. Check the fans and their plugs.",
  temp: "It is too hot. Check fans, dust and the air that comes in.",
}

/** `status[]`: what is neither `s` (success) nor empty is a finding. */
function findings(summary: Row | undefined): MinerError[] | null {
  if (summary === undefined || !Array.isArray(summary.status)) return null
  return listAt(summary, "status").flatMap((row) => {
    const state = text(row.status, 16)?.toLowerCase() ?? null
    const type = text(row.type, 32) ?? "status"
    if (state === null || state === "s") return []
    const said = text(row.msg, 200)
    const advice = WHAT_TO_DO[type] ?? "The machine reports that something is not well."
    return [
      {
        code: `${type}:${text(row.code, 16) ?? "?"}`,
        message: said === null ? advice : `${said}. ${advice}`,
      },
    ]
  })
}

import type { BoardSample } from "#server/contract/telemetry.ts"
import { readFields } from "../field-table.ts"
import { chipsPerBoard, WARM_UP_SECONDS } from "../health.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { chips, ghsFactor, mhz, number, positive, rpm, sensorTemps, tempC } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { RPC_FIELDS, RPC_FIELDS_OTHER_UNIT } from "./fields.ts"
import type { ModelFacts } from "./models.ts"

/** Rows of one poll of port 4028. `stats` is the flat STATS[1]; absent while the machine sleeps or starts. */
export type RpcRows = { summary: Row | undefined; stats: Row | undefined; pools: Row[] }

/** How kin of the Antminer differ: the unit that they count in without saying so, and maps of chips shorter than boards. */
export type Kin = { rateUnit?: string; shortMarks?: boolean }

/** The flat layout of `stats`, and `summary`, to a reading. Pure. */
export function mapRpc({ summary, stats, pools }: RpcRows, facts: ModelFacts | null, kin: Kin = {}): Mapped {
  const factor = ghsFactor(stats === undefined ? undefined : (kin.rateUnit ?? stats.rate_unit))
  // Where the machine counts in another unit, only the row that names the unit can be trusted.
  const fields = readFields(factor === 1 ? RPC_FIELDS : RPC_FIELDS_OTHER_UNIT, { summary, stats })
  if (factor !== 1) {
    if (fields.hashrate_ghs != null) fields.hashrate_ghs *= factor
    if (fields.hashrate_5s_ghs != null) fields.hashrate_5s_ghs *= factor
    if (fields.hashrate_expected_ghs != null) fields.hashrate_expected_ghs *= factor
  }
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  const starting = (rate === null || rate === 0) && (fields.uptime_seconds ?? 0) < WARM_UP_SECONDS
  const listed = stats === undefined ? null : mapBoards(stats, facts, factor, starting, kin)
  return {
    ...fields,
    accepted_shares: fields.accepted_shares ?? sumOverPools(pools, "Accepted"),
    rejected_shares: fields.rejected_shares ?? sumOverPools(pools, "Rejected"),
    stale_shares: fields.stale_shares ?? sumOverPools(pools, "Stale"),
    frequency_avg: listed?.boards.some((board) => board.frequency != null) ? null : mhz(stats?.frequency),
    mining: rate === null ? (stats === undefined && summary === undefined ? false : null) : rate > 0,
    pools: mapPools(pools),
    fan_speeds: stats === undefined ? null : mapFans(stats, facts),
    boards: listed?.boards ?? null,
    boards_total: listed === null ? null : boardsTotal(listed.boards.length, facts),
    temperature_chips: listed?.chipTemps ?? null,
  }
}

export function boardsTotal(listed: number, facts: ModelFacts | null): number | null {
  const total = Math.max(listed, facts?.boards ?? 0)
  return total > 0 ? total : null
}

const BASES = [1, 6, 11] as const
const SLOTS_PER_BASE = 5

/** The number of the first slot: 1, 6 (S9) or 11, by the first group in which a chain has chips. */
export function slotBase(stats: Row): number {
  let present: number | null = null
  for (const base of BASES)
    for (const { acn } of slots(base)) {
      const told = stats[acn]
      if (told === undefined) continue
      if ((chips(told) ?? 0) > 0) return base
      present ??= base
    }
  return present ?? 1
}

/** The keys of each slot, written once: they are looked up for every board of every poll. */
const SLOT_KEYS = Array.from({ length: 16 }, (_, slot) => ({
  id: slot,
  acn: `chain_acn${slot}`,
  acs: `chain_acs${slot}`,
  rate: `chain_rate${slot}`,
  tempChip: `temp_chip${slot}`,
  tempPcb: `temp_pcb${slot}`,
  temp: `temp${slot}`,
  temp2: `temp2_${slot}`,
  freqAvg: `freq_avg${slot}`,
  freq: `freq${slot}`,
}))
const SLOTS_OF_BASE = new Map(
  BASES.map((base) => [base as number, SLOT_KEYS.slice(base, base + SLOTS_PER_BASE)]),
)
const slots = (base: number) => SLOTS_OF_BASE.get(base) ?? []

/**
 * A slot is listed when it holds chips, or when the model has a board there: then a chain without chips is a dead
 * board, not an empty slot. Until hashing begins nothing has counted the chips, and a 0 is not yet a finding.
 */
function mapBoards(
  stats: Row,
  facts: ModelFacts | null,
  factor: number,
  starting: boolean,
  kin: Kin,
): { boards: BoardSample[]; chipTemps: (number | null)[] } {
  const boards: BoardSample[] = []
  const chipTemps: (number | null)[] = []
  const base = slotBase(stats)
  for (const slot of slots(base)) {
    const acn = chips(stats[slot.acn])
    const map = chipMarks(stats[slot.acs])
    const marks = kin.shortMarks && acn !== null && map !== null && map.ok + map.bad !== acn ? null : map
    if (acn === null && marks === null && !(slot.rate in stats)) continue
    const id = slot.id - base
    const ok = marks !== null && marks.ok + marks.bad > 0 ? marks.ok : acn
    const fitted = (acn ?? 0) > 0 || (marks !== null && marks.ok + marks.bad > 0)
    if (!fitted && id >= (facts?.boards ?? 0)) continue
    const temps = sensorTemps(stats[slot.tempChip])
    for (const temp of temps) chipTemps.push(temp)
    boards.push({
      id,
      hashrate: scaled(positive(stats[slot.rate]), factor),
      temp: hottest(sensorTemps(stats[slot.tempPcb])) ?? tempC(stats[slot.temp]),
      temp_chip_max: hottest(temps) ?? tempC(stats[slot.temp2]),
      frequency: mhz(stats[slot.freqAvg]) ?? mhz(stats[slot.freq]),
      voltage: null,
      chips_ok: starting && !ok ? null : ok,
      chips_total: marks === null ? null : marks.ok + marks.bad,
      serial: null,
    })
  }
  const total = chipsPerBoard(
    facts?.chips ?? null,
    boards.map((board) => board.chips_total ?? board.chips_ok ?? null),
  )
  for (const board of boards) board.chips_total = total ?? (board.chips_total || null)
  return { boards, chipTemps }
}

const DASH = 45
const UPPER_O = 79
const UPPER_X = 88
const LOWER_O = 111
const LOWER_X = 120

/** `" ooo oxo"`: o works, x is bad, - is missing. Null when there is no such text. */
function chipMarks(value: unknown): { ok: number; bad: number } | null {
  if (typeof value !== "string") return null
  let ok = 0
  let bad = 0
  for (let at = 0; at < value.length; at += 1) {
    const mark = value.charCodeAt(at)
    if (mark === LOWER_O || mark === UPPER_O) ok += 1
    else if (mark === LOWER_X || mark === UPPER_X || mark === DASH) bad += 1
  }
  return { ok, bad }
}

export function hottest(temps: readonly (number | null)[]): number | null {
  let most: number | null = null
  for (const temp of temps) if (temp !== null && (most === null || temp > most)) most = temp
  return most
}

const scaled = (value: number | null, factor: number) =>
  value === null || factor === 1 ? value : value * factor

const FAN_KEYS = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `fan${n}`)

/**
 * Fans that are fitted, in the machine's order. Unused headers read 0 too, so that the number of fans (catalogue,
 * else `fan_num`) decides which zeros are stopped fans: those beside the turning ones in their group of four.
 */
export function mapFans(stats: Row, facts: ModelFacts | null): (number | null)[] | null {
  const speeds: (number | null)[] = []
  const turning: number[] = []
  let told = false
  for (const key of FAN_KEYS) {
    const speed = rpm(stats[key])
    speeds.push(speed)
    if (speed !== null) told = true
    if (speed !== null && speed > 0) turning.push(speed)
  }
  if (!told) return null
  const fitted = facts?.fans ?? number(stats.fan_num) ?? turning.length
  if (fitted === 0 || turning.length >= fitted) return turning
  const first = Math.max(
    0,
    speeds.findIndex((speed) => speed !== null && speed > 0),
  )
  const group = first - (first % 4)
  const beside = speeds.slice(group, group + 4).filter((speed) => speed !== null)
  let stopped = fitted - turning.length
  return [...beside, ...speeds.slice(group + 4).filter((speed) => speed !== null && speed > 0)].filter(
    (speed) => {
      if (speed !== 0) return true
      stopped -= 1
      return stopped >= 0
    },
  )
}

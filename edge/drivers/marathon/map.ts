import type { BoardSample, MinerError } from "#server/contract/telemetry.ts"
import { boardsTotal, hottest } from "../antminer/map-rpc.ts"
import type { ModelFacts } from "../antminer/models.ts"
import { readFields } from "../field-table.ts"
import { chipsPerBoard } from "../health.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { chips, mhz, number, positive, rpm, sensorTemps, text } from "../transport/coerce.ts"
import { listAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { MARATHON_FIELDS } from "./fields.ts"

/** Documents of one poll; null where a build has none. */
export type MarathonPages = { brief: Row; boards: Row | null; fans: Row | null; pools: Row[] | null }

/** Pure. */
export function mapMarathon({ brief, boards, fans, pools }: MarathonPages, facts: ModelFacts | null): Mapped {
  const fields = readFields(MARATHON_FIELDS, { brief })
  const ideal = fields.hashrate_expected_ghs ?? null
  const now = rateGhs(brief.hashrate_realtime, ideal)
  const status = text(brief.status, 64) ?? ""
  const asleep = /sleep/i.test(status)
  const temps = boards === null ? [] : listAt(boards, "hb_temps", 16)
  const chipsC = temps.map(chipTemps)
  const listed = boards === null ? null : mapBoards(boards, temps, chipsC, facts)
  const average = rateGhs(brief.hashrate_average ?? brief.hashrate_avg, ideal)
  const speeds = fans === null ? [] : listAt(fans, "fans", 16).map((fan) => rpm(fan.current_speed))
  return {
    ...fields,
    hashrate_5s_ghs: now,
    hashrate_ghs: average ?? sumOf(listed) ?? now,
    power_estimated: fields.power_consumption == null ? null : "power_consumption_estimated" in brief,
    mining: asleep ? false : now === null ? (/^mining/i.test(status) ? true : null) : now > 0,
    power_mode: asleep ? "sleep" : null,
    voltage_avg: meanVolts(listed),
    fan_speeds: speeds.length === 0 ? null : speeds,
    accepted_shares: pools === null ? null : sumOverPools(pools, "accepted"),
    rejected_shares: pools === null ? null : sumOverPools(pools, "rejected"),
    stale_shares: pools === null ? null : sumOverPools(pools, "stale"),
    pools: pools === null ? null : mapPools(pools),
    boards: listed,
    boards_total: listed === null ? null : boardsTotal(listed.length, facts),
    temperature_chips: boards === null ? null : chipsC.flat().slice(0, 256),
  }
}

/** Builds disagree about TH/s and GH/s: a figure of another order than the ideal's is in TH/s. */
export function rateGhs(value: unknown, idealGhs: number | null): number | null {
  const rate = positive(value)
  if (rate === null) return null
  const inGhs = idealGhs === null ? rate > 2_000 : rate > (5 * idealGhs) / 1000
  return inGhs ? rate : rate * 1000
}

/** `hashboard_infos`, and `hb_temps` in the same order; older builds write `hashrate_average`. */
function mapBoards(
  page: Row,
  temps: readonly Row[],
  chipsC: readonly (number | null)[][],
  facts: ModelFacts | null,
): BoardSample[] {
  const boards = listAt(page, "hashboard_infos", 16).map((row, at): BoardSample => {
    const index = number(row.index)
    const ideal = positive(row.hashrate_ideal)
    const named = index === null ? -1 : temps.findIndex((each) => number(each.index) === index)
    const own = named >= 0 ? named : at
    const sensors = temps[own] ?? row
    const fitted = Array.isArray(row.asic_infos) && row.asic_infos.length > 0 ? row.asic_infos.length : null
    return {
      id: index !== null && Number.isInteger(index) && index >= 0 && index <= 255 ? index : at,
      hashrate: rateGhs(row.hashrate_avg ?? row.hashrate_average ?? row.hashrate_realtime, ideal || null),
      temp: hottest(sensorTemps(sensors.temperature_pcb)),
      temp_chip_max: hottest(chipsC[own] ?? chipTemps(row)),
      frequency: mhz(row.frequency_avg),
      voltage: volts(row.voltage),
      chips_ok: chips(row.asic_num) ?? chips(fitted),
      chips_total: null,
      serial: text(row.serial_number, 128),
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

function chipTemps(sensors: Row): (number | null)[] {
  const own = sensorTemps(sensors.temperature_chip)
  return own.some((temp) => temp !== null) ? own : sensorTemps(sensors.temperature_raw)
}

/** Volts, or millivolts in figures that no board takes as volts; what could be either is not told. */
function volts(value: unknown): number | null {
  const figure = mhz(value)
  if (figure === null) return null
  if (figure <= 60) return figure
  return figure >= 5_000 && figure <= 60_000 ? figure / 1000 : null
}

/** What `event_chart` keeps of failures, the latest last. */
export function eventErrors(page: Row): MinerError[] {
  const flags = listAt(page, "event_flags", 1_000)
  return flags
    .filter(({ level }) => !/^(?:info|success|debug|ok|0)/i.test(String(level ?? "info")))
    .slice(-8)
    .map((flag) => ({
      code: `event:${(text(flag.level, 24) ?? "").toLowerCase()}`,
      message: `${text(flag.message, 400) ?? "The firmware noted a failure"}. See its event chart and log.`,
    }))
}

/** Null unless every board tells its rate. */
function sumOf(boards: readonly BoardSample[] | null): number | null {
  let sum: number | null = null
  for (const { hashrate } of boards ?? []) {
    if (hashrate == null) return null
    sum = (sum ?? 0) + hashrate
  }
  return sum
}

function meanVolts(boards: readonly BoardSample[] | null): number | null {
  let sum = 0
  let known = 0
  for (const { voltage } of boards ?? []) {
    if (voltage == null) continue
    sum += voltage
    known += 1
  }
  return known === 0 ? null : sum / known
}

import type { BoardSample, MinerError } from "#server/contract/telemetry.ts"
import { readFields } from "../field-table.ts"
import { chipsPerBoard } from "../health.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { boolean, mhz, number, positive, powerW, rpm, tempC, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { FIELDS } from "./fields.ts"
import type { ModelFacts } from "./models.ts"

/** The reports by name; null: not told. */
export type Reports = {
  summary: Row[] | null
  devs: Row[] | null
  pools: Row[] | null
  psu: Row[] | null
  fan: Row[] | null
  temperature: Row[] | null
  frequency: Row[] | null
  mode: Row[] | null
  led: Row[] | null
}
export type PowerMode = "eco" | "normal" | "high"
const MODES: Readonly<Record<string, PowerMode>> = { eco: "eco", normal: "normal", turbo: "high" }
const MAX_BOARDS = 32

/** Pure. */
export function mapAuradine(reports: Reports, facts: ModelFacts | null): Mapped {
  const mode = reports.mode?.[0]
  const pools = reports.pools ?? []
  const fields = readFields(FIELDS, { summary: reports.summary?.[0], mode })
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  const asleep = isAsleep(mode)
  const boards = boardsOf(reports, facts)
  return {
    ...fields,
    accepted_shares: fields.accepted_shares ?? sumOverPools(pools, "Accepted"),
    rejected_shares: fields.rejected_shares ?? sumOverPools(pools, "Rejected"),
    stale_shares: fields.stale_shares ?? sumOverPools(pools, "Stale"),
    mining: asleep ? false : rate === null ? null : rate > 0,
    power_mode: asleep ? "sleep" : powerModeOf(mode),
    power_consumption: powerOf(reports.psu),
    fan_speeds: fansOf(reports.fan, facts),
    pools: reports.pools === null ? null : mapPools(pools),
    boards: boards.length > 0 ? boards : null,
    boards_total: Math.max(boards.length, facts?.boards ?? 0) || null,
    errors: errorsOf(reports.led),
  }
}

export const isAsleep = (mode: Row | undefined): boolean => boolean(mode?.Sleep) === true

export function powerModeOf(mode: Row | undefined): PowerMode | null {
  const name = text(mode?.Mode, 16)?.toLowerCase() ?? ""
  return Object.hasOwn(MODES, name) ? MODES[name]! : null
}

/** `"58.94W"`; of several power supplies the sum, and nothing when one does not tell. */
function powerOf(psu: readonly Row[] | null): number | null {
  if (psu === null || psu.length === 0) return null
  let sum = 0
  for (const row of psu) {
    const watts = powerW(row.PowerIn)
    if (watts === null) return null
    sum += watts
  }
  return sum
}

function fansOf(fans: readonly Row[] | null, facts: ModelFacts | null): (number | null)[] | null {
  if (facts?.fans === 0) return []
  return fans === null || fans.length === 0 ? null : fans.map((fan) => rpm(fan.Speed))
}

/** Boards are numbered from 1; 0 among the temperatures is the control board. */
function boardsOf(reports: Reports, facts: ModelFacts | null): BoardSample[] {
  const known = new Map<number, { dev?: Row; temperature?: Row; frequency?: Row }>()
  const note = (list: readonly Row[] | null, name: "dev" | "temperature" | "frequency") => {
    for (const [at, row] of (list ?? []).entries()) {
      const id = number(row.ID) ?? number(row.DEV) ?? number(row.ASC) ?? at + 1
      if (!Number.isInteger(id) || id < 1 || id > MAX_BOARDS) continue
      known.set(id, { ...known.get(id), [name]: row })
    }
  }
  note(reports.devs, "dev")
  note(reports.temperature, "temperature")
  note(reports.frequency, "frequency")
  const boards = [...known].sort(([one], [other]) => one - other).map(([id, rows]) => boardOf(id - 1, rows))
  const total = chipsPerBoard(
    facts?.chips ?? null,
    boards.map((board) => board.chips_ok ?? null),
  )
  return boards.map((board) => ({ ...board, chips_total: total }))
}

function boardOf(
  slot: number,
  { dev, temperature, frequency }: { dev?: Row; temperature?: Row; frequency?: Row },
): BoardSample {
  const rate = positive(dev?.["MHS 5s"]) ?? positive(dev?.["MHS av"])
  const chipsC = list(temperature?.ChipTemp).map((chip) => tempC(chip.Temperature))
  const boardC = list(temperature?.BoardTemp).map((sensor) => tempC(sensor.Temperature))
  const clocks = list(frequency?.ChipFrequency).map((chip) => mhz(chip.Frequency))
  const running = clocks.filter((clock) => clock !== null)
  const absent = boolean(dev?.Enabled) === false || /dead|nostart/i.test(text(dev?.Status, 16) ?? "")
  return {
    id: slot,
    hashrate: rate === null ? null : rate / 1000,
    temp: hottest(boardC) ?? tempC(dev?.Temperature),
    temp_chip_max: hottest(chipsC),
    frequency:
      running.length === 0
        ? null
        : Math.round((running.reduce((sum, clock) => sum + clock, 0) / running.length) * 100) / 100,
    voltage: null,
    chips_ok: absent ? 0 : clocks.length > 0 ? running.length : null,
    chips_total: null,
    serial: null,
  }
}

const list = (value: unknown): Row[] =>
  Array.isArray(value)
    ? value
        .slice(0, 1_024)
        .filter((row): row is Row => typeof row === "object" && row !== null && !Array.isArray(row))
    : []

function hottest(temps: readonly (number | null)[]): number | null {
  return temps.reduce((most, each) => (each !== null && (most === null || each > most) ? each : most), null)
}

/** The code of the light is the machine's health. */
const FINDINGS: Readonly<Record<number, string>> = {
  1: "The boards have no power: check the power supply and its cables.",
  4: "A temperature is out of its range: cool the room, clean fans and heat sinks.",
  5: "No pool is reached: check the pools' addresses and the network.",
  6: "The network fails: check the cable and the switch.",
  7: "The control board reports a fault: reboot the miner, then replace the board.",
  8: "The hashrate is low: look at its boards, then restart mining.",
}

function errorsOf(led: readonly Row[] | null): MinerError[] | null {
  if (led === null) return null
  const code = number(led[0]?.Code)
  const message = code === null ? undefined : FINDINGS[code]
  return message === undefined ? [] : [{ code: `LED:${code}`, message }]
}

import type { BoardSample, TelemetrySample } from "#server/contract/telemetry.ts"
import { hottest } from "../antminer/map-rpc.ts"
import { chipsPerBoard } from "../health.ts"
import type { Mapped } from "../reading.ts"
import { chips, number, positive, powerW, rpm, tempC } from "../transport/coerce.ts"
import { listAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { goldshellFacts } from "./models.ts"

const MHS = ["MHS 20s", "MHS 5s", "MHS av"] as const
const TEMP_KEY = /^tstemp-\d+$/i
const FAN_KEY = /^fan\d+$/i

/** Boards of `devs` with the chips of `devdetails`. Pure. */
export function mapBoards(
  devs: readonly Row[],
  details: readonly Row[],
  model: string | null,
): BoardSample[] {
  const idOf = (row: Row) => number(row.ID) ?? number(row.ASC) ?? number(row.PGA) ?? number(row.DEVDETAILS)
  const boards = devs.slice(0, 32).map((row, at): BoardSample => {
    const id = idOf(row)
    const detail = details.find((each) => id !== null && idOf(each) === id) ?? details[at]
    const mhs = MHS.map((key) => positive(row[key])).find((rate) => rate !== null) ?? null
    const sensors = Object.keys(row).filter((key) => TEMP_KEY.test(key))
    return {
      id: id !== null && Number.isInteger(id) && id >= 0 && id <= 255 ? id : at,
      hashrate: mhs === null ? null : mhs / 1000,
      temp: hottest(sensors.map((key) => tempC(row[key]))) ?? tempC(row.Temperature),
      temp_chip_max: null,
      frequency: null,
      voltage: null,
      chips_ok: chips(detail?.["chips-nr"] ?? row["chips-nr"]),
      chips_total: null,
      serial: null,
    }
  })
  boards.sort((one, other) => one.id - other.id)
  const total = chipsPerBoard(
    goldshellFacts(model)?.chips ?? null,
    boards.map((board) => board.chips_ok ?? null),
  )
  for (const board of boards) board.chips_total = total
  return boards
}

/** Every row lists the machine's fans. */
export function mapFans(devs: readonly Row[]): (number | null)[] | null {
  const row = devs.find((each) => Object.keys(each).some((key) => FAN_KEY.test(key)))
  if (row === undefined) return null
  const keys = Object.keys(row).filter((key) => FAN_KEY.test(key))
  return keys.slice(0, 16).map((key) => rpm(row[key]))
}

/** `minfos[].infos[]` of the web: watts, added up when every board tells them; `hashrate` there has no unit. */
export function powerOf(minfos: Row): number | null {
  const each = listAt(minfos, "minfos").flatMap((info) => listAt(info, "infos"))
  const watts = each.map((info) => powerW(info.power))
  return watts.length === 0 || watts.includes(null) ? null : watts.reduce((sum, one) => sum! + one!, 0)
}

/** Every figure of a text such as `2520 rpm / 2580 rpm`, or the one that stands alone. */
const figures = (value: unknown): unknown[] =>
  typeof value === "string" ? (value.slice(0, 128).match(/\d+(?:\.\d+)?/g) ?? []) : [value]

/** Fans and temperatures of the web, for a machine whose command port is shut. */
export function mapInfos(minfos: Row): Pick<Mapped, "boards" | "fan_speeds"> {
  const each = listAt(minfos, "minfos").flatMap((info) => listAt(info, "infos", 32))
  const fans = each.flatMap((info) => figures(info.fanspeed).map(rpm)).slice(0, 16)
  return {
    fan_speeds: fans.some((speed) => speed !== null) ? fans : null,
    boards: each.map((info, id) => ({
      id,
      hashrate: null,
      temp: hottest(figures(info.temp).map(tempC)),
      temp_chip_max: null,
      frequency: null,
      voltage: null,
      chips_ok: null,
      chips_total: null,
      serial: null,
    })),
  }
}

/** Levels of the power plans; what 2 means nobody tells. */
export const LEVELS = { normal: 0, eco: 1, sleep: 3 } as const
export type Mode = keyof typeof LEVELS

export function modeOf(setting: Row): TelemetrySample["power_mode"] {
  const level = number(setting.select)
  return (Object.keys(LEVELS) as Mode[]).find((mode) => LEVELS[mode] === level) ?? null
}

/** The levels that this unit offers. */
export const levelsOf = (setting: Row): number[] =>
  listAt(setting, "powerplans")
    .map((plan) => number(plan.level))
    .filter((level) => level !== null)

import type { BoardSample } from "#server/contract/telemetry.ts"
import { readFields } from "../field-table.ts"
import type { Mapped } from "../reading.ts"
import { boolean, mhz, number, positive, powerW, rpm, tempC, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import type { DeviceKeys, GpuProgram, RigRows } from "./program.ts"

const DEVICES_MAX = 32

/** Each GPU is a board with one chip: it works, or it is dead. Pure. */
export function mapRig(program: GpuProgram, rows: RigRows): Mapped {
  const fields = readFields(program.fields, { total: rows.total })
  const { boards, paused, temps, fans, rateGhs, watts } = mapDevices(program.device, rows)
  const rate = fields.hashrate_5s_ghs ?? rateGhs ?? fields.hashrate_ghs ?? null
  const mining = rows.paused === true ? false : rate === null ? null : rate > 0
  if (mining === true) for (let at = 0; at < boards.length; at += 1) judge(boards[at]!, paused[at]!)
  const url = text(rows.pool?.url, 512)
  return {
    ...fields,
    hashrate_ghs: fields.hashrate_ghs ?? rateGhs,
    hashrate_5s_ghs: rate,
    mining,
    power_mode: rows.paused === true ? "sleep" : null,
    temperature_chips: temps.length > 0 ? temps : null,
    fan_speeds: fans,
    // What the cards measure of themselves; what the rest of the rig draws nobody tells.
    power_consumption: fields.power_consumption || watts,
    pools:
      url === null ? [] : [{ url, user: text(rows.pool?.user, 256), status: null, active: mining !== false }],
    boards: boards.length > 0 ? inOrder(boards) : null,
  }
}

/** The devices in the program's order. `rateGhs` and `watts`: their sums, null unless every one is known. */
type Devices = {
  boards: BoardSample[]
  paused: boolean[]
  temps: number[]
  /** Null unless one of them tells revolutions. */
  fans: (number | null)[] | null
  rateGhs: number | null
  watts: number | null
}

function mapDevices(keys: DeviceKeys, { devices, ratesGhs }: RigRows): Devices {
  const known = Math.min(devices.length, DEVICES_MAX)
  const boards: BoardSample[] = []
  const paused: boolean[] = []
  const temps: number[] = []
  const fans: (number | null)[] = []
  let rateGhs: number | null = known === 0 ? null : 0
  let watts: number | null = rateGhs
  for (let at = 0; at < known; at += 1) {
    const row = devices[at]!
    const board = mapDevice(keys, row, at, ratesGhs?.[at] ?? null)
    boards.push(board)
    paused.push(isPaused(keys, row))
    if (board.temp_chip_max != null) temps.push(board.temp_chip_max)
    if (keys.fanRpm !== undefined) fans.push(first(row, keys.fanRpm, rpm))
    rateGhs = plus(rateGhs, board.hashrate)
    watts = plus(watts, watts === null ? null : first(row, keys.power, powerW))
  }
  const turns = fans.some((speed) => speed !== null)
  return { boards, paused, temps, fans: turns ? fans : null, rateGhs, watts }
}

const plus = (sum: number | null, value: number | null | undefined) =>
  sum === null || value == null ? null : sum + value

function mapDevice(keys: DeviceKeys, row: Row, at: number, rateGhs: number | null): BoardSample {
  const id = first(row, keys.id, number)
  return {
    id: id !== null && Number.isInteger(id) && id >= 0 && id <= 255 ? id : at,
    hashrate: rateGhs ?? rateOf(keys, row),
    temp: null,
    temp_chip_max: first(row, keys.temp, tempC),
    frequency: keys.clockMhz === undefined ? null : first(row, keys.clockMhz, mhz),
    voltage: null,
    chips_ok: null,
    chips_total: null,
    serial: keys.serial === undefined ? null : first(row, keys.serial, serialText),
  }
}

const serialText = (value: unknown) => text(value, 128)

function rateOf(keys: DeviceKeys, row: Row): number | null {
  for (const { key, scale } of keys.rate) {
    const value = positive(row[key])
    if (value !== null) return value * scale
  }
  return null
}

/** While the rig works, a GPU without a rate that nobody paused is dead. */
function judge(board: BoardSample, paused: boolean): void {
  if (board.hashrate == null || paused) return
  board.chips_total = 1
  board.chips_ok = board.hashrate > 0 ? 1 : 0
}

function isPaused(keys: DeviceKeys, row: Row): boolean {
  if (keys.paused === undefined) return false
  for (const key of keys.paused) if (boolean(row[key]) === true) return true
  return false
}

export function first<T>(row: Row, keys: readonly string[], as: (value: unknown) => T | null): T | null {
  for (const key of keys) {
    const value = as(row[key])
    if (value !== null) return value
  }
  return null
}

/** In slot order; a number that stands twice gives way. */
function inOrder(boards: BoardSample[]): BoardSample[] {
  if (isRising(boards)) return boards
  const taken = new Set<number>()
  for (const board of boards) {
    while (taken.has(board.id)) board.id = (board.id + 1) % 256
    taken.add(board.id)
  }
  return boards.sort((one, other) => one.id - other.id)
}

function isRising(boards: readonly BoardSample[]): boolean {
  for (let at = 1; at < boards.length; at += 1) if (boards[at]!.id <= boards[at - 1]!.id) return false
  return true
}

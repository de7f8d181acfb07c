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
  const devices = rows.devices.slice(0, DEVICES_MAX)
  const boards = devices.map((row, at) => mapDevice(program.device, row, at))
  const sum = total(boards.map(({ hashrate }) => hashrate ?? null))
  const rate = fields.hashrate_5s_ghs ?? sum ?? fields.hashrate_ghs ?? null
  const mining = rows.paused === true ? false : rate === null ? null : rate > 0
  for (const [at, board] of boards.entries()) judge(board, mining, isPaused(program.device, devices[at]!))
  const url = text(rows.pool?.url, 512)
  const temps = boards.flatMap(({ temp_chip_max }) => (temp_chip_max == null ? [] : [temp_chip_max]))
  const fans = devices.map((row) => first(row, program.device.fanRpm ?? [], rpm))
  return {
    ...fields,
    hashrate_ghs: fields.hashrate_ghs ?? sum,
    hashrate_5s_ghs: rate,
    mining,
    power_mode: rows.paused === true ? "sleep" : null,
    temperature_chips: temps.length > 0 ? temps : null,
    fan_speeds: fans.some((speed) => speed !== null) ? fans : null,
    // What the cards measure of themselves; what the rest of the rig draws nobody tells.
    power_consumption:
      fields.power_consumption || total(devices.map((row) => first(row, program.device.power, powerW))),
    pools:
      url === null ? [] : [{ url, user: text(rows.pool?.user, 256), status: null, active: mining !== false }],
    boards: boards.length > 0 ? inOrder(boards) : null,
  }
}

function mapDevice(keys: DeviceKeys, row: Row, at: number): BoardSample {
  const id = first(row, keys.id, number)
  return {
    id: id !== null && Number.isInteger(id) && id >= 0 && id <= 255 ? id : at,
    hashrate: rateOf(keys, row),
    temp: null,
    temp_chip_max: first(row, keys.temp, tempC),
    frequency: first(row, keys.clockMhz ?? [], mhz),
    voltage: null,
    chips_ok: null,
    chips_total: null,
    serial: first(row, keys.serial ?? [], (value) => text(value, 128)),
  }
}

function rateOf(keys: DeviceKeys, row: Row): number | null {
  for (const { key, scale } of keys.rate) {
    const value = positive(row[key])
    if (value !== null) return value * scale
  }
  return null
}

/** While the rig works, a GPU without a rate that nobody paused is dead. */
function judge(board: BoardSample, mining: boolean | null, paused: boolean): void {
  if (board.hashrate == null || mining !== true || paused) return
  board.chips_total = 1
  board.chips_ok = board.hashrate > 0 ? 1 : 0
}

const isPaused = (keys: DeviceKeys, row: Row) => (keys.paused ?? []).some((key) => boolean(row[key]) === true)

export function first<T>(row: Row, keys: readonly string[], as: (value: unknown) => T | null): T | null {
  for (const key of keys) {
    const value = as(row[key])
    if (value !== null) return value
  }
  return null
}

/** Null unless every one is known. */
function total(values: readonly (number | null)[]): number | null {
  if (values.length === 0 || values.includes(null)) return null
  return values.reduce((sum: number, value) => sum + value!, 0)
}

/** In slot order; a number that stands twice gives way. */
function inOrder(boards: BoardSample[]): BoardSample[] {
  const taken = new Set<number>()
  for (const board of boards) {
    while (taken.has(board.id)) board.id = (board.id + 1) % 256
    taken.add(board.id)
  }
  return boards.sort((one, other) => one.id - other.id)
}

import type { BoardSample } from "#server/contract/telemetry.ts"
import { readFields } from "../field-table.ts"
import { chipsPerBoard } from "../health.ts"
import type { Mapped } from "../reading.ts"
import { chips, ghsFactor, mac, mhz, number, positive, rpm, sensorTemps, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { WEB_FIELDS } from "./fields.ts"
import { boardsTotal, hottest } from "./map-rpc.ts"
import type { ModelFacts } from "./models.ts"

/** STATS[0] with `chain[]`, as `stats.cgi` and newer RPC images answer. Pure. */
export function mapWebStats(stats: Row, facts: ModelFacts | null): Mapped {
  const factor = ghsFactor(stats.rate_unit)
  const fields = readFields(WEB_FIELDS, { stats })
  for (const key of ["hashrate_ghs", "hashrate_5s_ghs", "hashrate_expected_ghs"] as const) {
    const rate = fields[key]
    if (rate != null) fields[key] = rate * factor
  }
  const chain = Array.isArray(stats.chain) ? (stats.chain.slice(0, 16) as unknown[]) : []
  const rows = chain.filter((each): each is Row => typeof each === "object" && each !== null)
  const boards = rows.map((row, index) => mapBoard(row, index, factor))
  boards.sort((one, other) => one.id - other.id)
  const total = chipsPerBoard(
    facts?.chips ?? null,
    boards.map((board) => board.chips_ok ?? null),
  )
  for (const board of boards) board.chips_total = total ?? board.chips_total
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  return {
    ...fields,
    mining: rate === null ? null : rate > 0,
    power_mode: POWER_MODES.get(number(stats["miner-mode"]) ?? -1) ?? null,
    fan_speeds: Array.isArray(stats.fan) && stats.fan.length > 0 ? stats.fan.slice(0, 8).map(rpm) : null,
    boards,
    boards_total: boardsTotal(boards.length, facts),
    temperature_chips: rows.flatMap((row) => sensorTemps(row.temp_chip)),
  }
}

/** 0 normal, 1 (newer images also 5) not mining, 3 low power; 2 means different things to different images. */
const POWER_MODES = new Map([
  [0, "normal"],
  [1, "sleep"],
  [3, "eco"],
  [5, "sleep"],
] as const) as ReadonlyMap<number, "normal" | "sleep" | "eco">

function mapBoard(row: Row, index: number, factor: number): BoardSample {
  const marks = typeof row.asic === "string" ? row.asic : ""
  const working = [...marks].filter((mark) => mark === "o").length
  const all = [...marks].filter((mark) => mark === "o" || mark === "x" || mark === "-").length
  const rate = positive(row.rate_real)
  const id = number(row.index)
  return {
    id: id !== null && Number.isInteger(id) && id >= 0 && id <= 255 ? id : index,
    hashrate: rate === null ? null : rate * factor,
    temp: hottest(sensorTemps(row.temp_pcb)),
    temp_chip_max: hottest(sensorTemps(row.temp_chip)),
    frequency: mhz(row.freq_avg),
    voltage: null,
    chips_ok: working > 0 ? working : chips(row.asic_num),
    chips_total: all > 0 ? all : null,
    serial: text(row.sn, 128),
  }
}

/** The mode a machine was told to work in, by its configuration: what parts sleeping from starting. */
export function configuredMode(conf: Row): "eco" | "normal" | "sleep" | null {
  const mode = number(conf["miner-mode"] ?? conf["bitmain-work-mode"])
  return mode === null ? null : (POWER_MODES.get(mode) ?? null)
}

export type SystemInfo = {
  model: string | null
  mac: string | null
  serial: string | null
  version: string | null
}

/** `get_system_info.cgi`. */
export function mapSystemInfo(info: Row): SystemInfo {
  return {
    model: text(info.minertype, 128),
    mac: mac(info.macaddr),
    serial: text(info.serinum, 128) ?? text(info.serial_no, 128),
    version: text(info.system_filesystem_version, 128),
  }
}

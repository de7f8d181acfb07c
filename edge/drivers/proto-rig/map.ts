import type { BoardSample, PoolSample } from "#server/contract/telemetry.ts"
import { readFields } from "../field-table.ts"
import { sumOverPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { chips, ghsFactor, number, rpm, tempC, text } from "../transport/coerce.ts"
import { listAt, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { figure, RIG_FIELDS } from "./fields.ts"
import type { Slow } from "./slow.ts"

export type RigReplies = {
  /** `mining-status`; null: not started yet. */
  mining: Row | null
  telemetry: Row
  cooling: Row
  pools: Row[] | null
  slow: Slow
}

/** Pure. */
export function mapRig({ mining, telemetry, cooling, pools, slow }: RigReplies): Mapped {
  const rig = objectAt(telemetry, "miner")
  const fields = readFields(RIG_FIELDS, {
    mining: mining ?? undefined,
    rig: {
      hashrate: rateGhs(rig.hashrate),
      temperature: figure(rig.temperature),
      power: figure(rig.power),
    },
  })
  const status = mining === null ? null : text(mining.status, 32)
  const works = status === "Mining" || status === "DegradedMining"
  const boards = mapBoards(listAt(telemetry, "hashboards", 32), slow.boards)
  const sensors = boards.flatMap(({ temp }) => (temp == null ? [] : [temp]))
  const average = fields.temperature_avg ?? null
  const voltages = boards.flatMap(({ voltage }) => (voltage == null ? [] : [voltage]))
  return {
    ...fields,
    ...(works || mining === null ? {} : { hashrate_5s_ghs: works ? fields.hashrate_5s_ghs : 0 }),
    mining: works,
    power_mode: powerMode(status, slow.target),
    // Single chips are not told; their average is hotter than any sensor of a board.
    temperature_max: average === null ? null : Math.max(average, ...sensors),
    ...edges(listAt(telemetry, "hashboards", 32)),
    voltage_avg:
      voltages.length === 0 ? null : voltages.reduce((sum, each) => sum + each, 0) / voltages.length,
    fan_speeds: fans(cooling),
    pools: pools === null ? null : mapPools(pools, works),
    accepted_shares: pools === null ? null : sumOverPools(pools, "accepted"),
    rejected_shares: pools === null ? null : sumOverPools(pools, "rejected"),
    boards,
    boards_total: Math.min(255, Math.max(boards.length, chips(mining?.hashboards_installed) ?? 0)) || null,
    error_message: STATES[status ?? ""] ?? null,
  }
}

const STATES: Readonly<Record<string, string>> = {
  Error: "The rig stopped for an error.",
  NoPools: "The rig has no pool that it could work for.",
}

const RESTING = new Set(["Stopped", "Curtailed", "PoweringOff"])

export function powerMode(status: string | null, target: Row | null): Mapped["power_mode"] {
  if (status !== null && RESTING.has(status)) return "sleep"
  const mode = text(target?.performance_mode, 32)
  return mode === "MaximumHashrate" ? "high" : mode === "Efficiency" ? "eco" : null
}

function rateGhs(given: unknown): number | null {
  const value = figure(given)
  const unit = typeof given === "object" && given !== null ? (given as Row).unit : "TH/s"
  return value === null || value < 0 ? null : value * ghsFactor(unit ?? "TH/s")
}

/** Boards by serial: slots are sparse, and one that is installed and not told of is there without figures. */
function mapBoards(told: Row[], installed: Row[]): BoardSample[] {
  const boards = new Map<number, BoardSample>()
  const place = (board: BoardSample) => {
    let id = board.id
    while (boards.has(id) && id < 255) id += 1
    boards.set(id, { ...board, id })
  }
  const left = new Set(installed)
  for (const [at, row] of told.entries()) {
    const serial = text(row.serial_number, 128)
    const place_ = installed.find((each) => serial !== null && text(each.hb_sn, 128) === serial)
    if (place_ !== undefined) left.delete(place_)
    const temperature = objectAt(row, "temperature")
    const rate = rateGhs(row.hashrate)
    place({
      id: slotOf(place_) ?? wholeSlot(number(row.index)) ?? at,
      hashrate: rate,
      temp: tempC(temperature.average) ?? tempC(temperature.outlet) ?? tempC(figure(row.temperature)),
      temp_chip_max: null,
      frequency: null,
      voltage: figure(row.voltage),
      chips_ok: null,
      chips_total: chips(place_?.mining_asic_count),
      serial,
    })
  }
  for (const row of left) {
    const total = chips(row.mining_asic_count)
    const id = slotOf(row)
    if (id === null || boards.has(id)) continue
    const unknown = { hashrate: null, temp: null, temp_chip_max: null, frequency: null, voltage: null }
    place({ id, ...unknown, chips_ok: null, chips_total: total, serial: text(row.hb_sn, 128) })
  }
  return [...boards.values()].sort((one, other) => one.id - other.id).slice(0, 32)
}

/** Slots count from 1. */
function slotOf(row: Row | undefined): number | null {
  const slot = number(row?.slot)
  return slot === null ? null : wholeSlot(slot - 1)
}
const wholeSlot = (slot: number | null) =>
  slot !== null && Number.isInteger(slot) && slot >= 0 && slot <= 255 ? slot : null

/** The coolest inlet and the hottest outlet. */
function edges(boards: Row[]): Pick<Mapped, "temperature_inlet" | "temperature_outlet"> {
  const all = (key: string) =>
    boards.map((board) => tempC(objectAt(board, "temperature")[key])).filter((temp) => temp !== null)
  const [inlets, outlets] = [all("inlet"), all("outlet")]
  return {
    temperature_inlet: inlets.length > 0 ? Math.min(...inlets) : null,
    temperature_outlet: outlets.length > 0 ? Math.max(...outlets) : null,
  }
}

function fans(cooling: Row): (number | null)[] | null {
  const rows = listAt(cooling, "fans", 16)
  const order = (row: Row) => number(row.slot) ?? Number.MAX_SAFE_INTEGER
  const sorted = [...rows].sort((one, other) => order(one) - order(other))
  return sorted.length === 0 ? null : sorted.map((row) => rpm(row.rpm))
}

/** The first priority that is active is the one in use. */
function mapPools(rows: Row[], works: boolean): PoolSample[] {
  const sorted = byPriority(rows)
  const inUse = works ? sorted.find((row) => /^(?:active|alive)$/i.test(statusOf(row) ?? "")) : undefined
  return sorted.flatMap((row) => {
    const url = text(row.url, 512)
    return url === null
      ? []
      : [
          {
            url,
            user: text(row.user, 256),
            status: statusOf(row)?.toLowerCase() ?? null,
            active: row === inUse,
          },
        ]
  })
}

export function byPriority(rows: Row[]): Row[] {
  const priority = (row: Row) => number(row.priority) ?? Number.MAX_SAFE_INTEGER
  return [...rows].sort((one, other) => priority(one) - priority(other))
}

const statusOf = (row: Row) => text(row.status ?? row.connection_status, 32)

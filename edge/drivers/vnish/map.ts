import type { BoardSample, PoolSample } from "#server/contract/telemetry.ts"
import { boardsTotal } from "../antminer/map-rpc.ts"
import type { ModelFacts } from "../antminer/models.ts"
import { readFields } from "../field-table.ts"
import { chipsPerBoard } from "../health.ts"
import type { Mapped } from "../reading.ts"
import {
  boolean,
  chips,
  count,
  mhz,
  number,
  positive,
  rpm,
  seconds,
  tempC,
  text,
} from "../transport/coerce.ts"
import { listAt, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { vnishErrors } from "./errors.ts"
import { VNISH_FIELDS } from "./fields.ts"
import { minerState } from "./states.ts"

/** Documents beside `summary`; null where they were not told. */
export type VnishPages = { info: Row | null; factory: Row | null }

/** `summary.miner`, with the uptime and the boards' serial numbers of other pages, to a reading. Pure. */
export function mapVnish(miner: Row, { info, factory }: VnishPages, facts: ModelFacts | null): Mapped {
  const fields = readFields(VNISH_FIELDS, { summary: miner })
  const status = objectAt(miner, "miner_status")
  const state = minerState(status.miner_state)
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  const boards = mapBoards(miner, factory, facts)
  const pools = ownPools(miner)
  const active = pools.find((pool) => pool.status === "active")
  const cooling = objectAt(miner, "cooling")
  const power = fields.power_consumption ?? null
  return {
    ...fields,
    mining: state.atRest
      ? false
      : state.name === "mining"
        ? true
        : state.name === null
          ? rate === null
            ? null
            : rate > 0
          : state.running && rate !== null && rate > 0,
    power_mode: state.atRest ? "sleep" : null,
    power_estimated: power === null ? null : boolean(objectAt(miner, "psu").psu_power_metering) !== true,
    voltage_avg: mean(boards.map((board) => board.voltage ?? null)),
    temperature_max: tempC(objectAt(miner, "chip_temp").max) ?? tempC(objectAt(miner, "pcb_temp").max),
    temperature_min: tempC(objectAt(miner, "chip_temp").min),
    temperature_inlet: lowest(listAt(miner, "chains", 16).map((chain) => tempC(chain.inlet_water_temp))),
    temperature_outlet: highest(listAt(miner, "chains", 16).map((chain) => tempC(chain.outlet_water_temp))),
    fan_speeds: fansOf(cooling),
    accepted_shares: sum(pools, "accepted"),
    rejected_shares: sum(pools, "rejected"),
    stale_shares: sum(pools, "stale"),
    uptime_seconds:
      uptimeSeconds(objectAt(info ?? {}, "system").uptime) ??
      (state.name === "mining" ? seconds(status.miner_state_time) : null),
    pools: pools.map(poolSample).filter((pool) => pool.url !== ""),
    pool_latency_ms: positive(active?.ping),
    boards,
    boards_total: boardsTotal(boards.length, facts),
    errors: vnishErrors(miner),
  }
}

/** The developers' pool stands last and is nobody's setting. */
function ownPools(miner: Row): Row[] {
  return listAt(miner, "pools", 16).filter((pool) => !/dev_?fee/i.test(String(pool.pool_type ?? "")))
}

/** `active` is in use, `working` is connected and waits. */
const POOL_STATES: Readonly<Record<string, string>> = {
  active: "alive",
  working: "alive",
  offline: "dead",
}

function poolSample(pool: Row): PoolSample {
  const status = text(pool.status, 32)?.toLowerCase() ?? null
  return {
    url: text(pool.url, 512) ?? "",
    user: text(pool.user, 256),
    status: status === null ? null : (POOL_STATES[status] ?? status),
    active: status === "active",
  }
}

function sum(pools: readonly Row[], key: string): number | null {
  const counts = pools.map((pool) => count(pool[key]))
  return counts.length === 0 || counts.includes(null)
    ? null
    : count(counts.reduce<number>((total, each) => total + each!, 0))
}

/** Null in immersion, where fans that stand still are no finding. */
function fansOf(cooling: Row): (number | null)[] | null {
  if (/^immers/i.test(String(objectAt(cooling, "settings", "mode").name ?? ""))) return null
  const fans = listAt(cooling, "fans", 16)
  return fans.length === 0 ? null : fans.map((fan) => rpm(fan.rpm))
}

/** Chains count from 1. Grey chips are well, orange ones weak, red ones do not work; none at all: not counted yet. */
function mapBoards(miner: Row, factory: Row | null, facts: ModelFacts | null): BoardSample[] {
  const made = listAt(factory ?? {}, "chains", 16)
  const boards = listAt(miner, "chains", 16).map((chain, at): BoardSample => {
    const colours = objectAt(chain, "chip_statuses")
    const [red, orange, grey] = [chips(colours.red), chips(colours.orange), chips(colours.grey)]
    const good = orange === null && grey === null ? null : (orange ?? 0) + (grey ?? 0)
    const all = good === null ? null : good + (red ?? 0)
    const id = number(chain.id)
    const millivolts = number(chain.voltage)
    return {
      id: id !== null && Number.isInteger(id) && id >= 1 && id <= 256 ? id - 1 : at,
      hashrate: positive(chain.hashrate_rt),
      temp: tempC(objectAt(chain, "pcb_temp").max),
      temp_chip_max: tempC(objectAt(chain, "chip_temp").max),
      frequency: mhz(chain.frequency) ?? mhz(chain.freq),
      voltage: millivolts !== null && millivolts > 0 ? millivolts / 1000 : null,
      chips_ok: all === 0 ? null : good,
      chips_total: all === 0 ? null : all,
      serial: serialOf(chain) ?? serialOf(made.find((each) => id !== null && number(each.id) === id)),
    }
  })
  boards.sort((one, other) => one.id - other.id)
  const total = chipsPerBoard(
    facts?.chips ?? null,
    boards.map((board) => board.chips_total ?? null),
  )
  for (const board of boards) board.chips_total = total ?? board.chips_total
  return boards
}

const serialOf = (row: Row | undefined) =>
  text(row?.serial, 128) ?? text(row?.serial_number, 128) ?? text(row?.sn, 128)

/** `1:55` (hours and minutes), `10 days, 18:00`, `1 day, 5 min`. */
export function uptimeSeconds(value: unknown): number | null {
  const said = text(value, 64)
  if (said === null) return null
  const days = /(\d+)\s*day/i.exec(said)?.[1]
  const clock = /(\d+):(\d\d)(?::(\d\d))?/.exec(said)
  const minutes = /(\d+)\s*min/i.exec(said)?.[1]
  if (days === undefined && clock === null && minutes === undefined) return null
  const part = (text: string | undefined) => Number(text ?? 0)
  return seconds(
    part(days) * 86_400 +
      part(clock?.[1]) * 3_600 +
      (part(clock?.[2]) + part(minutes)) * 60 +
      part(clock?.[3]),
  )
}

const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null)
function mean(values: readonly (number | null)[]): number | null {
  const some = known(values)
  return some.length === 0 ? null : some.reduce((total, value) => total + value, 0) / some.length
}
const lowest = (values: readonly (number | null)[]) =>
  known(values).length === 0 ? null : Math.min(...known(values))
const highest = (values: readonly (number | null)[]) =>
  known(values).length === 0 ? null : Math.max(...known(values))

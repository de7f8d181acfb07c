import type { BoardSample, PoolSample } from "#server/contract/telemetry.ts"
import { antminerFacts } from "../antminer/models.ts"
import { chipsPerBoard } from "../health.ts"
import type { Mapped } from "../reading.ts"
import {
  boolean,
  chips,
  count,
  mhz,
  number,
  positive,
  powerW,
  rpm,
  seconds,
  tempC,
  text,
} from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import type { Fields } from "./graphql.ts"
import { fansOf } from "./map-rest.ts"
import { fansOfNumbering, slotsOf } from "./slots.ts"
import { listOf, rowOf } from "./units.ts"

/** One query tells it all; what a release does not know is left out by `askGraphql`. */
export const READING: Fields = {
  bos: { uptime: { durationS: true } },
  bosminer: {
    info: {
      workSolver: {
        nominalMhs: true,
        realHashrate: { mhs5S: true, mhs1M: true, mhs15M: true, mhsAv: true },
        childSolvers: {
          name: true,
          nominalMhs: true,
          realHashrate: { mhs5S: true },
          hwDetails: { chips: true, frequencyMhz: true, voltageV: true, hbSerialNumber: true },
          temperatures: { name: true, degreesC: true },
        },
      },
      fans: { name: true, speed: true, rpm: true },
      summary: { power: { limitW: true, approxConsumptionW: true } },
      poolGroups: {
        name: true,
        pools: {
          url: true,
          user: true,
          status: true,
          active: true,
          shares: { acceptedSolutions: true, rejectedSolutions: true },
        },
      },
    },
  },
}

const GHS = 1e-3

/** Pure. No `info` is a miner that was stopped. */
export function mapGraphql(data: Row, model: string | null): Mapped {
  const bosminer = rowOf(data.bosminer)
  const info = rowOf(bosminer.info)
  const solver = rowOf(info.workSolver)
  const real = rowOf(solver.realHashrate)
  const children = listOf(solver.childSolvers)
  const groups = listOf(info.poolGroups)
  const facts = antminerFacts(model)
  const names = children.map((child) => child.name)
  const stopped = data.bosminer === null || bosminer.info === null
  const rate = scaled(real.mhs5S)
  const boards = mapBoards(children, facts?.chips ?? null)
  const power = powerW(rowOf(rowOf(info.summary).power).approxConsumptionW)
  const fans = listOf(info.fans).map((fan) => rpm(fan.rpm))
  const air = airTemps(children)
  return {
    hashrate_5s_ghs: stopped ? 0 : rate,
    hashrate_ghs: scaled(real.mhsAv) ?? scaled(real.mhs15M) ?? rate,
    hashrate_expected_ghs: scaled(solver.nominalMhs) || null,
    mining: stopped ? false : rate === null ? null : rate > 0,
    power_mode: stopped ? "sleep" : null,
    accepted_shares: sumOf(groups, "acceptedSolutions"),
    rejected_shares: sumOf(groups, "rejectedSolutions"),
    uptime_seconds: seconds(rowOf(rowOf(data.bos).uptime).durationS),
    power_consumption: power,
    power_estimated: power === null ? null : true,
    temperature_inlet: air.inlet,
    temperature_outlet: air.outlet,
    fan_speeds: fansOf(fans, facts?.fans ?? fansOfNumbering(names)),
    pools: stopped ? null : mapPools(groups),
    boards,
    ...(facts === null || stopped ? {} : { boards_total: Math.max(facts.boards, boards.length) }),
  }
}

/** The coolest inlet and the hottest outlet, of the boards that have such sensors. */
function airTemps(children: readonly Row[]): { inlet: number | null; outlet: number | null } {
  let inlet: number | null = null
  let outlet: number | null = null
  for (const child of children)
    for (const { name, degreesC } of listOf(child.temperatures)) {
      const lower = String(name).toLowerCase()
      if (!lower.includes("let")) continue
      const temp = tempC(degreesC)
      if (temp === null) continue
      if (lower.includes("inlet") && (inlet === null || temp < inlet)) inlet = temp
      if (lower.includes("outlet") && (outlet === null || temp > outlet)) outlet = temp
    }
  return { inlet, outlet }
}

const scaled = (value: unknown): number | null => {
  const mhs = positive(value)
  return mhs === null ? null : mhs * GHS
}

function sumOf(groups: readonly Row[], key: string): number | null {
  let sum: number | null = null
  for (const group of groups)
    for (const pool of listOf(group.pools)) {
      const shares = number(rowOf(pool.shares)[key])
      if (shares === null) return null
      sum = (sum ?? 0) + shares
    }
  return count(sum)
}

/** Sensors are `Board` and `Chip` up to 24.x, `MAX_BOARD` and `MAX_CHIP` from 25.05 on. */
function mapBoards(children: readonly Row[], catalogueChips: number | null): BoardSample[] {
  const slots = slotsOf(children.map((child) => child.name))
  const counts = children.map((child) => chips(rowOf(child.hwDetails).chips))
  const total = chipsPerBoard(catalogueChips, counts)
  const boards = children.map((child, at): BoardSample => {
    const hardware = rowOf(child.hwDetails)
    const sensors = listOf(child.temperatures)
    const temp = (wanted: string) => tempC(sensors.find(({ name }) => isNamed(name, wanted))?.degreesC)
    return {
      id: slots[at]!,
      hashrate: scaled(rowOf(child.realHashrate).mhs5S),
      temp: temp("board"),
      temp_chip_max: temp("chip"),
      frequency: mhz(hardware.frequencyMhz),
      voltage: number(hardware.voltageV),
      chips_ok: counts[at]!,
      chips_total: total,
      serial: text(hardware.hbSerialNumber, 128),
    }
  })
  return boards.sort((one, other) => one.id - other.id)
}

const isNamed = (name: unknown, wanted: string) => String(name).toLowerCase().includes(wanted)

function mapPools(groups: readonly Row[]): PoolSample[] {
  const pools: PoolSample[] = []
  for (const group of groups)
    for (const pool of listOf(group.pools)) {
      const url = text(pool.url, 512)
      if (url === null) continue
      const status = text(pool.status, 32)?.toLowerCase() ?? null
      pools.push({ url, user: text(pool.user, 256), status, active: boolean(pool.active) === true })
    }
  return pools
}

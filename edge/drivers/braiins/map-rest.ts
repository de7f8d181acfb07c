import type { BoardSample, PoolSample } from "#server/contract/telemetry.ts"
import { antminerFacts } from "../antminer/models.ts"
import { chipsPerBoard } from "../health.ts"
import type { Mapped } from "../reading.ts"
import { boolean, chips, count as counter, powerW, rpm, seconds, text } from "../transport/coerce.ts"
import { presentErrors } from "./errors.ts"
import { slotsOf } from "./slots.ts"
import { celsius, count, ghs, listOf, mhz, rowOf, unwrapped, volts, watts } from "./units.ts"

/** The pages of one reading; null where this release has not got one. */
export type RestPages = Record<"details" | "stats" | "hashboards" | "cooling" | "pools" | "errors", unknown>

/** `status` of `miner/details`, as the protocol numbers it. */
export const STATUS = { notStarted: 1, normal: 2, paused: 3, suspended: 4, restricted: 5 } as const

/** Pure. */
export function mapRest(pages: RestPages, model: string | null, nowMs: number): Mapped {
  const details = rowOf(pages.details)
  const stats = rowOf(pages.stats)
  const miner = rowOf(stats.miner_stats)
  const shares = rowOf(stats.pool_stats)
  const real = rowOf(miner.real_hashrate)
  const boards = rowOf(pages.hashboards)
  const facts = antminerFacts(model)
  const rate = ghs(real.last_5s)
  const status = count(details.status)
  const resting = status === STATUS.paused || status === STATUS.suspended
  const uptimeS = seconds(details.bosminer_uptime_s) ?? seconds(details.system_uptime_s)
  const power = powerW(watts(rowOf(stats.power_stats).approximated_consumption))
  const list = listOf(boards.hashboards)
  const airTemps = (key: string) => list.map((board) => celsius(board[key])).filter((each) => each !== null)
  const [inlets, outlets] = [airTemps("lowest_inlet_temp"), airTemps("highest_outlet_temp")]
  const mapped = mapBoards(list, facts?.chips ?? null)
  return {
    hashrate_5s_ghs: rate,
    hashrate_ghs: ghs(real.since_restart) ?? ghs(real.last_15m),
    hashrate_expected_ghs: resting ? null : ghs(miner.nominal_hashrate) || null,
    mining: resting || status === STATUS.notStarted ? false : rate === null ? null : rate > 0,
    power_mode: resting ? "sleep" : null,
    accepted_shares: counter(unwrapped(shares.accepted_shares)),
    rejected_shares: counter(unwrapped(shares.rejected_shares)),
    stale_shares: counter(unwrapped(shares.stale_shares)),
    uptime_seconds: uptimeS,
    power_consumption: power,
    // Braiins has no meter: it works power out from frequency and voltage.
    power_estimated: power === null ? null : true,
    temperature_inlet: inlets.length > 0 ? Math.min(...inlets) : null,
    temperature_outlet: outlets.length > 0 ? Math.max(...outlets) : null,
    fan_speeds: fansOf(
      listOf(rowOf(pages.cooling).fans).map((fan) => rpm(unwrapped(fan.rpm))),
      facts?.fans ?? null,
    ),
    pools: mapPools(pages.pools),
    boards: mapped,
    ...(facts === null ? {} : { boards_total: Math.max(facts.boards, mapped.length) }),
    errors: presentErrors(rowOf(pages.errors).errors, nowMs, uptimeS),
  }
}

/** Connectors without a fan are told as standing still: beyond what the model has, they are left out. */
export function fansOf(speeds: (number | null)[], fitted: number | null): (number | null)[] | null {
  if (fitted === 0 || speeds.length === 0) return null
  const told = fitted === null ? speeds : speeds.filter((speed, at) => at < fitted || speed !== 0)
  return told.slice(0, 32)
}

function mapBoards(list: ReturnType<typeof listOf>, catalogueChips: number | null): BoardSample[] {
  const slots = slotsOf(list.map((board) => board.id))
  const counts = list.map((board) => chips(unwrapped(board.chips_count)))
  const total = chipsPerBoard(catalogueChips, counts)
  const boards = list.map((board, at): BoardSample => {
    const real = rowOf(rowOf(board.stats).real_hashrate)
    return {
      id: slots[at]!,
      hashrate: ghs(real.last_1m) ?? ghs(real.last_5s),
      temp: celsius(board.board_temp),
      temp_chip_max: celsius(rowOf(board.highest_chip_temp).temperature),
      frequency: mhz(board.current_frequency),
      voltage: volts(board.current_voltage),
      // Switched off on purpose: not a board that died.
      chips_ok: boolean(board.enabled) === false ? null : counts[at]!,
      chips_total: total,
      serial: text(board.serial_number, 128),
    }
  })
  return boards.sort((one, other) => one.id - other.id)
}

/** Groups flattened, in their order; each group may have one that is in use. */
function mapPools(groups: unknown): PoolSample[] | null {
  if (groups === null) return null
  const list = Array.isArray(groups) ? listOf(groups) : listOf(rowOf(groups).pool_groups)
  const pools: PoolSample[] = []
  for (const pool of list.flatMap((group) => listOf(group.pools))) {
    const url = text(pool.url, 512)
    if (url === null) continue
    const alive = boolean(pool.alive)
    pools.push({
      url,
      user: text(pool.user, 256),
      status: boolean(pool.enabled) === false ? "disabled" : alive === null ? null : alive ? "alive" : "dead",
      active: boolean(pool.active) === true,
    })
  }
  return pools
}

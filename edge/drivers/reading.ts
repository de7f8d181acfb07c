import { type BoardSample, currentHashrateGhs, type PoolSample } from "#server/contract/telemetry.ts"
import type { DriverContext, Identity, Reading } from "./driver.ts"
import { efficiencyJth, healthyBoards, overallHealth } from "./health.ts"
import { MAX_MAGNITUDE } from "./transport/coerce.ts"

/** What a family's mapping knows; everything it leaves out is unknown. */
export type Mapped = Partial<Reading> & Pick<Reading, "mining">

/**
 * Puts a reading together: the mapping, the identity, and what follows from them (mean and extreme temperatures,
 * board totals, efficiency, health). Every member is present, null when unknown.
 */
export function completeReading(
  context: DriverContext,
  identity: Identity,
  mapped: Mapped,
  latencyMs: number | null | undefined = mapped.latency_ms,
): Reading {
  const boards = mapped.boards ? firstOf(mapped.boards, 32) : null
  for (const board of boards ?? []) board.hashrate = rate(board.hashrate)
  const temps = temperatures(mapped.temperature_chips, boards)
  const pool = activePool(mapped.pools)
  const reading: Reading = {
    ip_address: context.address.host,
    online: true,
    hashrate_ghs: rate(mapped.hashrate_ghs),
    hashrate_5s_ghs: rate(mapped.hashrate_5s_ghs),
    hashrate_expected_ghs: rate(mapped.hashrate_expected_ghs),
    temperature_avg: mapped.temperature_avg ?? rounded(temps.mean, 100),
    temperature_min: mapped.temperature_min ?? temps.least,
    temperature_max: mapped.temperature_max ?? temps.most,
    temperature_chips: firstOf(mapped.temperature_chips, 256),
    temperature_inlet: mapped.temperature_inlet ?? null,
    temperature_outlet: mapped.temperature_outlet ?? null,
    fan_speeds: firstOf(mapped.fan_speeds, 32),
    frequency_avg: mapped.frequency_avg ?? rounded(spread(boards, frequencyOf).mean, 100),
    voltage_avg: rounded(mapped.voltage_avg, 1000),
    accepted_shares: mapped.accepted_shares ?? null,
    rejected_shares: mapped.rejected_shares ?? null,
    stale_shares: mapped.stale_shares ?? null,
    hardware_errors: mapped.hardware_errors ?? null,
    uptime_seconds: mapped.uptime_seconds ?? null,
    power_consumption: mapped.power_consumption ?? null,
    power_estimated: mapped.power_estimated ?? null,
    efficiency: null,
    power_mode: mapped.power_mode ?? null,
    mining: mapped.mining,
    pool_url: mapped.pool_url ?? pool?.url ?? null,
    worker_name: mapped.worker_name ?? pool?.user ?? null,
    pool_latency_ms: mapped.pool_latency_ms ?? null,
    pools: firstOf(mapped.pools, 16),
    boards,
    boards_total: mapped.boards_total ?? (boards !== null && boards.length > 0 ? boards.length : null),
    boards_healthy: healthyBoards(boards),
    overall_health: null,
    make: identity.make.slice(0, 64),
    model: identity.model?.slice(0, 128) ?? null,
    firmware: identity.firmware?.slice(0, 64) ?? null,
    firmware_version: identity.firmwareVersion?.slice(0, 128) ?? null,
    mac: mapped.mac ?? identity.mac,
    serial: mapped.serial ?? identity.serial,
    errors: firstOf(mapped.errors, 64),
    error_message: mapped.error_message?.slice(0, 512) ?? null,
    latency_ms: rounded(latencyMs, 10),
  }
  reading.efficiency =
    mapped.mining === false ? null : efficiencyJth(reading.power_consumption, currentHashrateGhs(reading))
  reading.overall_health = overallHealth(reading, context.limits)
  return reading
}

/** A list as a sample may carry it. */
function firstOf<T>(list: T[] | null | undefined, max: number): T[] | null {
  return list == null ? null : list.length > max ? list.slice(0, max) : list
}

function activePool(pools: readonly PoolSample[] | null | undefined): PoolSample | null {
  for (const pool of pools ?? []) if (pool.active) return pool
  return null
}

type Spread = { mean: number | null; least: number | null; most: number | null }
const NO_SPREAD: Spread = { mean: null, least: null, most: null }

const sensorOf = (sensor: number | null) => sensor
const chipMaxOf = (board: BoardSample) => board.temp_chip_max
const boardTempOf = (board: BoardSample) => board.temp
const frequencyOf = (board: BoardSample) => board.frequency

/** The best that is known: each chip, the hottest of each board, the boards. */
function temperatures(
  chips: readonly (number | null)[] | null | undefined,
  boards: BoardSample[] | null,
): Spread {
  const ofChips = spread(chips, sensorOf)
  if (ofChips.mean !== null) return ofChips
  const hottest = spread(boards, chipMaxOf)
  return hottest.mean !== null ? hottest : spread(boards, boardTempOf)
}

function spread<T>(
  list: readonly T[] | null | undefined,
  of: (each: T) => number | null | undefined,
): Spread {
  let known = 0
  let sum = 0
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const each of list ?? []) {
    const value = of(each)
    if (value == null) continue
    known += 1
    sum += value
    if (value < least) least = value
    if (value > most) most = value
  }
  return known === 0 ? NO_SPREAD : { mean: sum / known, least, most }
}

/** GH/s; a processor's kH/s keep their figures too. */
function rate(value: number | null | undefined): number | null {
  return value == null || Math.abs(value) >= 1 ? rounded(value, 1e5) : nineFigures(value)
}

/** Powers of ten are exact up to the 22nd, so that one division gives the nearest number. */
function nineFigures(value: number): number {
  const size = Math.abs(value)
  if (size < 1e-13) return Number(value.toPrecision(9))
  let parts = 1e9
  while (size * parts < 1e8) parts *= 10
  return Math.round(value * parts) / parts
}

/** To the nearest 1/`parts`: a scale factor must not print 67753.25119000001. */
function rounded(value: number | null | undefined, parts: number): number | null {
  return value == null || Math.abs(value) > MAX_MAGNITUDE ? null : Math.round(value * parts) / parts
}

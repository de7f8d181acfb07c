import { currentHashrateGhs } from "#server/contract/telemetry.ts"
import type { DriverContext, Identity, Reading } from "./driver.ts"
import { efficiencyJth, healthyBoards, overallHealth } from "./health.ts"
import { MAX_MAGNITUDE } from "./transport/coerce.ts"

/** What a family's mapping knows; everything it leaves out is unknown. */
export type Mapped = Partial<Reading> & Pick<Reading, "mining">

/**
 * Puts a reading together: the mapping, the identity, and what follows from them (mean and extreme temperatures,
 * board totals, efficiency, health). Every member is present, null when unknown.
 */
export function completeReading(context: DriverContext, identity: Identity, mapped: Mapped): Reading {
  const boards = mapped.boards?.slice(0, 32) ?? null
  for (const board of boards ?? []) board.hashrate = rate(board.hashrate)
  const sensors = known(mapped.temperature_chips)
  const chipMax = known(boards?.map((board) => board.temp_chip_max))
  const boardTemps = known(boards?.map((board) => board.temp))
  const temps = sensors.length > 0 ? sensors : chipMax.length > 0 ? chipMax : boardTemps
  const frequencies = known(boards?.map((board) => board.frequency))
  const pool = mapped.pools?.find((each) => each.active)
  const reading: Reading = {
    ip_address: context.address.host,
    online: true,
    hashrate_ghs: rate(mapped.hashrate_ghs),
    hashrate_5s_ghs: rate(mapped.hashrate_5s_ghs),
    hashrate_expected_ghs: rate(mapped.hashrate_expected_ghs),
    temperature_avg: mapped.temperature_avg ?? rounded(mean(temps), 100),
    temperature_min: mapped.temperature_min ?? (temps.length > 0 ? Math.min(...temps) : null),
    temperature_max: mapped.temperature_max ?? (temps.length > 0 ? Math.max(...temps) : null),
    temperature_chips: mapped.temperature_chips?.slice(0, 256) ?? null,
    temperature_inlet: mapped.temperature_inlet ?? null,
    temperature_outlet: mapped.temperature_outlet ?? null,
    fan_speeds: mapped.fan_speeds?.slice(0, 32) ?? null,
    frequency_avg: mapped.frequency_avg ?? rounded(mean(frequencies), 100),
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
    pools: mapped.pools?.slice(0, 16) ?? null,
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
    errors: mapped.errors?.slice(0, 64) ?? null,
    error_message: mapped.error_message?.slice(0, 512) ?? null,
    latency_ms: rounded(mapped.latency_ms, 10),
  }
  reading.efficiency =
    mapped.mining === false ? null : efficiencyJth(reading.power_consumption, currentHashrateGhs(reading))
  reading.overall_health = overallHealth(reading, context.limits)
  return reading
}

function known(values: readonly (number | null | undefined)[] | null | undefined): number[] {
  return (values ?? []).filter((value): value is number => value != null)
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** GH/s; a processor's kH/s keep their figures too. */
function rate(value: number | null | undefined): number | null {
  return value == null || Math.abs(value) >= 1 ? rounded(value, 1e5) : Number(value.toPrecision(9))
}

/** To the nearest 1/`parts`: a scale factor must not print 67753.25119000001. */
function rounded(value: number | null | undefined, parts: number): number | null {
  return value == null || Math.abs(value) > MAX_MAGNITUDE ? null : Math.round(value * parts) / parts
}

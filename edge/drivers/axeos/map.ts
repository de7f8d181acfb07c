import type { MinerError, PoolSample } from "#server/contract/telemetry.ts"
import { readFields } from "../field-table.ts"
import type { Mapped } from "../reading.ts"
import { boolean, chips, count, mac, number, positive, rpm, text } from "../transport/coerce.ts"
import { listAt, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { axeBoard } from "./boards.ts"
import { axeTempC, INFO_FIELDS } from "./fields.ts"
import { isResting, poolsOf, usesFallback } from "./settings.ts"

/** The whole reading from `/api/system/info`. Pure. */
export function mapInfo(info: Row): Mapped {
  const fields = readFields(INFO_FIELDS, { info })
  const resting = isResting(info)
  const rate = fields.hashrate_5s_ghs ?? null
  const frequency = fields.frequency_avg ?? null
  const chipCount = chips(info.asicCount) ?? axeBoard(text(info.boardVersion, 32))?.chips ?? null
  const temps = chipTemps(info)
  const hottest = temps.length === 0 ? null : temps.length === 1 ? temps[0]! : Math.max(...temps)
  const millivolts = positive(info.coreVoltageActual) ?? positive(info.coreVoltage)
  const voltage = millivolts === null || millivolts === 0 ? null : millivolts / 1000
  return {
    ...fields,
    hashrate_expected_ghs: fields.hashrate_expected_ghs ?? expected(info, chipCount, frequency),
    mining: resting === true ? false : rate === null ? null : rate > 0,
    power_mode: resting === true ? "sleep" : null,
    hardware_errors: chipErrors(info),
    temperature_chips: temps.length > 0 ? temps : null,
    fan_speeds: fans(info),
    voltage_avg: voltage,
    pool_latency_ms: positive(info.responseTime) ?? positive(info.lastpingrtt),
    pools: pools(info, resting),
    boards: [
      {
        id: 0,
        hashrate: rate,
        temp: axeTempC(info.vrTemp),
        temp_chip_max: hottest,
        frequency,
        voltage,
        // Only newer firmware tells the chips one by one; the older one stops when any is missing.
        chips_ok: chipCount,
        chips_total: chipCount,
        serial: null,
      },
    ],
    mac: mac(info.macAddr),
    errors: errors(info),
  }
}

/** Small cores × chips × MHz are MH/s. */
function expected(info: Row, chipCount: number | null, frequency: number | null): number | null {
  const cores = positive(info.smallCoreCount)
  return cores === null || cores === 0 || chipCount === null || frequency === null
    ? null
    : (cores * chipCount * frequency) / 1000
}

function chipTemps(info: Row): number[] {
  const each = Array.isArray(info.asicTemps) ? knownTemps(info.asicTemps.slice(0, 64)) : []
  return each.length > 0 ? each : knownTemps([info.temp, info.temp2])
}

function knownTemps(given: readonly unknown[]): number[] {
  const temps: number[] = []
  for (const value of given) {
    const temp = axeTempC(value)
    if (temp !== null) temps.push(temp)
  }
  return temps
}

/** The second fan reads 0 on boards with one, so there 0 means none. */
function fans(info: Row): (number | null)[] | null {
  const listed = listAt(info, "fans", 8)
  if (listed.length > 0) return listed.map((fan) => rpm(fan.rpm))
  const first = rpm(info.fanrpm)
  const second = rpm(info.fan2rpm ?? info.fanrpm2)
  const fitted = count(info.fanCount)
  if (second !== null && (second > 0 || (fitted ?? 1) > 1)) return [first, second]
  return first === null ? null : [first]
}

function chipErrors(info: Row): number | null {
  if (info.hashrateMonitor === undefined) return null
  const asics = listAt(objectAt(info, "hashrateMonitor"), "asics")
  let sum = 0
  for (const asic of asics) {
    const errors = count(asic.errorCount)
    if (errors === null) return null
    sum += errors
  }
  return asics.length === 0 ? null : count(sum)
}

function pools(info: Row, resting: boolean | null): PoolSample[] {
  const inUse = resting === true ? -1 : usesFallback(info) ? 1 : 0
  const told = info.stratum === undefined ? [] : listAt(objectAt(info, "stratum"), "pools", 2)
  const samples: PoolSample[] = []
  const slots = poolsOf(info)
  for (let slot = 0; slot < slots.length; slot += 1) {
    const pool = slots[slot]
    if (pool == null) continue
    const connected = boolean(told[slot]?.connected)
    const status = connected === null ? null : connected ? "alive" : "dead"
    samples.push({ url: pool.url, user: pool.user, status, active: slot === inUse })
  }
  return samples
}

function errors(info: Row): MinerError[] {
  const found: MinerError[] = []
  const { overheat_mode, power_fault, hardware_fault } = info
  if (boolean(overheat_mode) === true || (number(overheat_mode) ?? 0) > 0)
    found.push({
      code: "overheat_mode",
      message:
        "It overheated and lowered its frequency and voltage. Check fan and heat sink, then clear it and restart.",
    })
  if (isFault(power_fault))
    found.push({
      code: "power_fault",
      message: `The power stage reports a fault${wordsOf(power_fault)}. Check supply and cable.`,
    })
  if (isFault(hardware_fault))
    found.push({
      code: "hardware_fault",
      message: `The board reports a fault${wordsOf(hardware_fault)}. Have it looked at.`,
    })
  return found
}

/** A fault is a number, a boolean, or a text that is empty where there is none. */
function isFault(value: unknown): boolean {
  if (value === undefined) return false
  const flag = boolean(value)
  if (flag !== null) return flag
  return (number(value) ?? 0) !== 0 || text(value, 200) !== null
}

function wordsOf(value: unknown): string {
  const words = typeof value === "string" && boolean(value) === null ? text(value, 200) : null
  return words === null ? "" : ` (${words})`
}

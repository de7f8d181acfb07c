import type { FieldTable } from "../field-table.ts"
import { mhz, positive, powerW, seconds, tempC } from "../transport/coerce.ts"

/** Unknown is told as 0, or as a thousandth below it for each board. */
const known = (value: unknown) => {
  const rate = positive(value)
  return rate === 0 ? null : rate
}

/** `summary` of `get.miner.status`: rates in TH/s, the rest in our units. */
export const SUMMARY_FIELDS: FieldTable<"summary"> = {
  hashrate_ghs: [{ from: "summary", key: "hash-average", as: positive, scale: 1e3 }],
  hashrate_5s_ghs: [
    { from: "summary", key: "hash-realtime", as: positive, scale: 1e3 },
    { from: "summary", key: "hash-1min", as: positive, scale: 1e3 },
  ],
  hashrate_expected_ghs: [{ from: "summary", key: "factory-hash", as: known, scale: 1e3 }],
  temperature_avg: [{ from: "summary", key: "chip-temp-avg", as: tempC }],
  temperature_min: [{ from: "summary", key: "chip-temp-min", as: tempC }],
  temperature_max: [{ from: "summary", key: "chip-temp-max", as: tempC }],
  temperature_inlet: [{ from: "summary", key: "environment-temperature", as: tempC }],
  frequency_avg: [{ from: "summary", key: "freq-avg", as: mhz }],
  uptime_seconds: [
    { from: "summary", key: "elapsed", as: seconds },
    { from: "summary", key: "bootup-time", as: seconds },
  ],
  power_consumption: [
    { from: "summary", key: "power-realtime", as: powerW },
    { from: "summary", key: "power-5min", as: powerW },
  ],
}

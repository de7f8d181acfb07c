import type { FieldTable } from "../field-table.ts"
import { mhz, number, positive, powerW, seconds } from "../transport/coerce.ts"

/** `STATS[0]` of `stats.cgi`, `SUMMARY[0]` of `summary.cgi` and `get_power.cgi`. Rates in `rate_unit`. */
export const ELPHAPEX_FIELDS: FieldTable<"stats" | "summary" | "power"> = {
  hashrate_ghs: [
    { from: "stats", key: "rate_avg", as: positive },
    { from: "summary", key: "rate_avg", as: positive },
  ],
  hashrate_5s_ghs: [
    { from: "stats", key: "rate_5s", as: positive },
    { from: "summary", key: "rate_5s", as: positive },
  ],
  hashrate_expected_ghs: [
    { from: "stats", key: "rate_ideal", as: mhz },
    { from: "summary", key: "rate_ideal", as: mhz },
  ],
  uptime_seconds: [
    { from: "stats", key: "elapsed", as: seconds },
    { from: "summary", key: "elapsed", as: seconds },
  ],
  power_consumption: [{ from: "power", key: "power_output", as: powerW }],
}

/** Chip sensors are texts in milli-°C (`"47125"`), empty where there is none. */
export function milliC(value: unknown): number | null {
  const parsed = number(value)
  if (parsed === null || parsed === 0) return null
  const tempC = Math.abs(parsed) >= 1_000 ? parsed / 1_000 : parsed
  return tempC > -40 && tempC < 200 ? tempC : null
}

/** `freq_avg` is MHz at rest only: at work images write 62000 and the like, in a unit that nobody tells. */
export function chainMhz(value: unknown): number | null {
  const parsed = mhz(value)
  return parsed !== null && parsed <= 5_000 ? parsed : null
}

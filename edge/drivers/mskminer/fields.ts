import type { FieldTable } from "../field-table.ts"
import { mhz, positive, powerW } from "../transport/coerce.ts"

/** What MSKMiner's `stats` holds beside bmminer's keys; rates GH/s. */
export const MSKMINER_FIELDS: FieldTable<"stats"> = {
  hashrate_5s_ghs: [
    { from: "stats", key: "total_rate", as: positive },
    { from: "stats", key: "total rate", as: positive },
  ],
  hashrate_expected_ghs: [
    { from: "stats", key: "total_rateideal", as: mhz },
    { from: "stats", key: "total_rate_ideal", as: mhz },
  ],
  power_consumption: [
    { from: "stats", key: "total_power", as: powerW },
    { from: "stats", key: "chain_power", as: powerW },
  ],
}

const SLOTS = Array.from({ length: 16 }, (_, slot) => slot)

/** The boards' watts together, for builds without a total. */
export function boardsPowerW(stats: Record<string, unknown>): number | null {
  const known = SLOTS.map((slot) => powerW(stats[`chain_power${slot}`])).filter((watts) => watts !== null)
  return powerW(known.reduce((sum, watts) => sum + watts, 0))
}

import type { FieldTable } from "../field-table.ts"
import { count, mhz, positive, powerW } from "../transport/coerce.ts"

/** `summary.miner`: `hr_…` in GH/s, `…_hashrate` in TH/s. */
export const VNISH_FIELDS: FieldTable<"summary"> = {
  hashrate_ghs: [
    { from: "summary", key: "average_hashrate", as: positive, scale: 1e3 },
    { from: "summary", key: "hr_average", as: positive },
  ],
  hashrate_5s_ghs: [
    { from: "summary", key: "instant_hashrate", as: positive, scale: 1e3 },
    { from: "summary", key: "hr_realtime", as: positive },
  ],
  hashrate_expected_ghs: [{ from: "summary", key: "hr_nominal", as: mhz }],
  power_consumption: [
    { from: "summary", key: "power_consumption", as: powerW },
    { from: "summary", key: "power_usage", as: powerW },
  ],
  hardware_errors: [{ from: "summary", key: "hw_errors", as: count }],
}

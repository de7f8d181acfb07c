import type { FieldTable } from "../field-table.ts"
import { count, mhz, number, positive, powerW, seconds, tempC } from "../transport/coerce.ts"

/** A target of 0 means none is set. */
const target = (value: unknown) => mhz(value)

/** SUMMARY[0] of API v1 and v2. `HS RT`, `MHS *` and `Target MHS` are MH/s, `Factory GHS` GH/s, `Voltage` 0.01 V. */
export const SUMMARY_FIELDS: FieldTable<"summary"> = {
  hashrate_ghs: [{ from: "summary", key: "MHS av", as: positive, scale: 1e-3 }],
  hashrate_5s_ghs: [
    { from: "summary", key: "HS RT", as: positive, scale: 1e-3 },
    { from: "summary", key: "MHS 5s", as: positive, scale: 1e-3 },
  ],
  hashrate_expected_ghs: [
    { from: "summary", key: "Target MHS", as: target, scale: 1e-3 },
    { from: "summary", key: "Factory GHS", as: target },
  ],
  temperature_avg: [{ from: "summary", key: "Chip Temp Avg", as: tempC }],
  temperature_min: [{ from: "summary", key: "Chip Temp Min", as: tempC }],
  temperature_max: [{ from: "summary", key: "Chip Temp Max", as: tempC }],
  temperature_inlet: [{ from: "summary", key: "Env Temp", as: tempC }],
  frequency_avg: [{ from: "summary", key: "freq_avg", as: mhz }],
  voltage_avg: [
    {
      from: "summary",
      key: "Voltage",
      as: (value) => (number(value) === 0 ? null : number(value)),
      scale: 0.01,
    },
  ],
  accepted_shares: [{ from: "summary", key: "Accepted", as: count }],
  rejected_shares: [{ from: "summary", key: "Rejected", as: count }],
  stale_shares: [{ from: "summary", key: "Stale", as: count }],
  hardware_errors: [{ from: "summary", key: "Hardware Errors", as: count }],
  uptime_seconds: [{ from: "summary", key: "Elapsed", as: seconds }],
  power_consumption: [
    { from: "summary", key: "Power_RT", as: powerW },
    { from: "summary", key: "Power", as: powerW },
  ],
}

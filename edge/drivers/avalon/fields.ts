import type { FieldTable } from "../field-table.ts"
import { count, mhz, positive, seconds, tempC } from "../transport/coerce.ts"

/** SUMMARY[0] in MH/s; the `mm` string of `estats` in GH/s, °C and MHz. A-series say `MHS 30s`, home models `MHS 5s`. */
export const FIELDS: FieldTable<"summary" | "mm"> = {
  hashrate_ghs: [
    { from: "summary", key: "MHS av", as: positive, scale: 1e-3 },
    { from: "summary", key: "GHS av", as: positive },
    { from: "mm", key: "GHSavg", as: positive },
  ],
  hashrate_5s_ghs: [
    { from: "mm", key: "GHSspd", as: positive },
    { from: "summary", key: "MHS 5s", as: positive, scale: 1e-3 },
    { from: "summary", key: "MHS 20s", as: positive, scale: 1e-3 },
    { from: "summary", key: "MHS 30s", as: positive, scale: 1e-3 },
    { from: "summary", key: "MHS 1m", as: positive, scale: 1e-3 },
  ],
  hashrate_expected_ghs: [{ from: "mm", key: "GHSmm", as: mhz }],
  temperature_avg: [
    { from: "mm", key: "TAvg", as: tempC },
    { from: "mm", key: "Tavg", as: tempC },
  ],
  temperature_max: [
    { from: "mm", key: "TMax", as: tempC },
    { from: "mm", key: "Tmax", as: tempC },
  ],
  temperature_inlet: [
    { from: "mm", key: "ITemp", as: tempC },
    { from: "mm", key: "Temp", as: tempC },
  ],
  frequency_avg: [{ from: "mm", key: "Freq", as: mhz }],
  accepted_shares: [{ from: "summary", key: "Accepted", as: count }],
  rejected_shares: [{ from: "summary", key: "Rejected", as: count }],
  stale_shares: [{ from: "summary", key: "Stale", as: count }],
  hardware_errors: [{ from: "summary", key: "Hardware Errors", as: count }],
  uptime_seconds: [
    { from: "summary", key: "Elapsed", as: seconds },
    { from: "mm", key: "Elapsed", as: seconds },
  ],
}

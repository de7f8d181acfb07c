import type { FieldTable } from "../field-table.ts"
import { count, mhz, positive, powerW, seconds } from "../transport/coerce.ts"

/** The flat `STATS[0]` counts in MH/s; its `MHS(…)` are measured, while `MHS 5s` of the summary follows single shares. */
export const FIELDS: FieldTable<"stats" | "summary"> = {
  hashrate_ghs: [
    { from: "stats", key: "MHS(Avg)", as: positive, scale: 1e-3 },
    { from: "summary", key: "MHS av", as: positive, scale: 1e-3 },
  ],
  hashrate_5s_ghs: [
    { from: "stats", key: "MHS(Sample)", as: positive, scale: 1e-3 },
    { from: "stats", key: "MHS(30s)", as: positive, scale: 1e-3 },
    { from: "stats", key: "MHS(1m)", as: positive, scale: 1e-3 },
    { from: "summary", key: "MHS 5s", as: positive, scale: 1e-3 },
  ],
  hashrate_expected_ghs: [{ from: "stats", key: "MHS(Ideal)", as: mhz, scale: 1e-3 }],
  frequency_avg: [{ from: "stats", key: "Freq", as: mhz }],
  accepted_shares: [
    { from: "summary", key: "Accepted", as: count },
    { from: "stats", key: "Accepted", as: count },
  ],
  rejected_shares: [
    { from: "summary", key: "Rejected", as: count },
    { from: "stats", key: "Rejected", as: count },
  ],
  stale_shares: [{ from: "summary", key: "Stale", as: count }],
  hardware_errors: [{ from: "summary", key: "Hardware Errors", as: count }],
  uptime_seconds: [
    { from: "summary", key: "Elapsed", as: seconds },
    { from: "stats", key: "Elapsed", as: seconds },
    { from: "stats", key: "System Uptime", as: seconds },
  ],
  power_consumption: [{ from: "stats", key: "PSU Input Power", as: powerW }],
}

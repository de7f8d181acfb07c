import type { FieldTable } from "../field-table.ts"
import { count, positive, seconds } from "../transport/coerce.ts"

/** Totals on port 8359, MH/s as texts; `summary` is SUMMARY[0], `stats` the flat row. */
export const BLACK_FIELDS: FieldTable<"summary" | "stats"> = {
  hashrate_ghs: [
    { from: "summary", key: "MHS av", as: positive, scale: 1e-3 },
    { from: "stats", key: "MHS av", as: positive, scale: 1e-3 },
    { from: "summary", key: "GHS av", as: positive },
  ],
  hashrate_5s_ghs: [
    { from: "summary", key: "MHS 5s", as: positive, scale: 1e-3 },
    { from: "stats", key: "MHS 5s", as: positive, scale: 1e-3 },
    { from: "summary", key: "GHS 5s", as: positive },
  ],
  accepted_shares: [{ from: "summary", key: "Accepted", as: count }],
  rejected_shares: [{ from: "summary", key: "Rejected", as: count }],
  stale_shares: [{ from: "summary", key: "Stale", as: count }],
  hardware_errors: [
    { from: "summary", key: "Hardware Errors", as: count },
    { from: "stats", key: "no_matching_work", as: count },
  ],
  uptime_seconds: [
    { from: "summary", key: "Elapsed", as: seconds },
    { from: "stats", key: "Elapsed", as: seconds },
  ],
}

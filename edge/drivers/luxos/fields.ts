import type { FieldTable } from "../field-table.ts"
import { count, positive, powerW, seconds } from "../transport/coerce.ts"

/** `summary` and `power` of port 4028; rates GH/s. */
export const FIELDS: FieldTable<"summary" | "power"> = {
  hashrate_ghs: [
    { from: "summary", key: "GHS av", as: positive },
    { from: "summary", key: "MHS av", as: positive, scale: 1e-3 },
  ],
  hashrate_5s_ghs: [
    { from: "summary", key: "GHS 5s", as: positive },
    { from: "summary", key: "MHS 5s", as: positive, scale: 1e-3 },
    { from: "summary", key: "GHS 1m", as: positive },
  ],
  accepted_shares: [{ from: "summary", key: "Accepted", as: count }],
  rejected_shares: [{ from: "summary", key: "Rejected", as: count }],
  stale_shares: [{ from: "summary", key: "Stale", as: count }],
  hardware_errors: [{ from: "summary", key: "Hardware Errors", as: count }],
  uptime_seconds: [{ from: "summary", key: "Elapsed", as: seconds }],
  power_consumption: [{ from: "power", key: "Watts", as: powerW }],
}

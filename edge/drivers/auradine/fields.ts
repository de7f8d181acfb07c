import type { FieldTable } from "../field-table.ts"
import { count, mhz, positive, seconds } from "../transport/coerce.ts"

/** `summary` in MH/s, the target of the mode in TH/s. */
export const FIELDS: FieldTable<"summary" | "mode"> = {
  hashrate_ghs: [{ from: "summary", key: "MHS av", as: positive, scale: 1e-3 }],
  hashrate_5s_ghs: [
    { from: "summary", key: "MHS 5s", as: positive, scale: 1e-3 },
    { from: "summary", key: "MHS 1m", as: positive, scale: 1e-3 },
  ],
  hashrate_expected_ghs: [{ from: "mode", key: "Ths", as: mhz, scale: 1e3 }],
  accepted_shares: [{ from: "summary", key: "Accepted", as: count }],
  rejected_shares: [{ from: "summary", key: "Rejected", as: count }],
  stale_shares: [{ from: "summary", key: "Stale", as: count }],
  hardware_errors: [{ from: "summary", key: "Hardware Errors", as: count }],
  uptime_seconds: [{ from: "summary", key: "Elapsed", as: seconds }],
}

import type { FieldTable } from "../field-table.ts"
import { count, positive, powerW, seconds, tempC } from "../transport/coerce.ts"

const MHS = 1e-3
const KHS = 1e-6

/** The common dictionary of the protocol, shortest windows first. */
export const SUMMARY_FIELDS: FieldTable<"summary"> = {
  hashrate_ghs: [
    { from: "summary", key: "GHS av", as: positive },
    { from: "summary", key: "MHS av", as: positive, scale: MHS },
    { from: "summary", key: "KHS av", as: positive, scale: KHS },
  ],
  hashrate_5s_ghs: [
    { from: "summary", key: "GHS 5s", as: positive },
    { from: "summary", key: "GHS5s", as: positive },
    { from: "summary", key: "MHS 5s", as: positive, scale: MHS },
    { from: "summary", key: "KHS 5s", as: positive, scale: KHS },
    { from: "summary", key: "MHS 20s", as: positive, scale: MHS },
    { from: "summary", key: "MHS 30s", as: positive, scale: MHS },
    { from: "summary", key: "MHS 1m", as: positive, scale: MHS },
  ],
  temperature_max: [{ from: "summary", key: "Temperature", as: tempC }],
  accepted_shares: [{ from: "summary", key: "Accepted", as: count }],
  rejected_shares: [{ from: "summary", key: "Rejected", as: count }],
  stale_shares: [{ from: "summary", key: "Stale", as: count }],
  hardware_errors: [{ from: "summary", key: "Hardware Errors", as: count }],
  uptime_seconds: [{ from: "summary", key: "Elapsed", as: seconds }],
  power_consumption: [{ from: "summary", key: "Power", as: powerW }],
}

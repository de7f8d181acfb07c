import type { FieldTable } from "../field-table.ts"
import { count, mhz, positive, powerW, seconds } from "../transport/coerce.ts"

/** cgminer port: `summary` is SUMMARY[0], `stats` the flat row STATS[1]. Rates GH/s unless the key says MHS. */
export const RPC_FIELDS: FieldTable<"summary" | "stats"> = {
  hashrate_ghs: [
    { from: "summary", key: "GHS av", as: positive },
    { from: "stats", key: "GHS av", as: positive },
    { from: "summary", key: "MHS av", as: positive, scale: 1e-3 },
  ],
  hashrate_5s_ghs: [
    { from: "summary", key: "GHS 5s", as: positive },
    { from: "stats", key: "GHS 5s", as: positive },
    { from: "summary", key: "MHS 5s", as: positive, scale: 1e-3 },
  ],
  hashrate_expected_ghs: [{ from: "stats", key: "total_rateideal", as: mhz }],
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
  // L9 writes power, L11 watt; most SHA-256 models measure nothing, and then it stays unknown.
  power_consumption: [
    { from: "stats", key: "chain_power", as: powerW },
    { from: "stats", key: "power", as: powerW },
    { from: "stats", key: "Power", as: powerW },
    { from: "stats", key: "watt", as: powerW },
  ],
}

/** Without the rates of `summary`, which does not name its unit. */
export const RPC_FIELDS_OTHER_UNIT: FieldTable<"summary" | "stats"> = {
  ...RPC_FIELDS,
  hashrate_ghs: [{ from: "stats", key: "GHS av", as: positive }],
  hashrate_5s_ghs: [{ from: "stats", key: "GHS 5s", as: positive }],
}

/** `stats.cgi` (and RPC `stats` of images that answer in its shape): STATS[0], rates in `rate_unit`. */
export const WEB_FIELDS: FieldTable<"stats"> = {
  hashrate_ghs: [{ from: "stats", key: "rate_avg", as: positive }],
  hashrate_5s_ghs: [{ from: "stats", key: "rate_5s", as: positive }],
  hashrate_expected_ghs: [{ from: "stats", key: "rate_ideal", as: mhz }],
  uptime_seconds: [{ from: "stats", key: "elapsed", as: seconds }],
}

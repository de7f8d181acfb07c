import type { FieldTable } from "../field-table.ts"
import { count, positive, powerW, seconds } from "../transport/coerce.ts"

/** `summary.Session`, and the power supply at its input. Rates MH/s. */
export const EPIC_FIELDS: FieldTable<"session" | "psu"> = {
  hashrate_ghs: [
    { from: "session", key: "Average MHs", as: positive, scale: 1e-3 },
    { from: "session", key: "LastAverageMHs", as: positive, scale: 1e-3 },
  ],
  accepted_shares: [{ from: "session", key: "Accepted", as: count }],
  rejected_shares: [{ from: "session", key: "Rejected", as: count }],
  uptime_seconds: [{ from: "session", key: "Uptime", as: seconds }],
  power_consumption: [{ from: "psu", key: "Input Power", as: powerW }],
}

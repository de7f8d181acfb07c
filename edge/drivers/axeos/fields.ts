import type { FieldTable } from "../field-table.ts"
import { count, mhz, number, positive, powerW, seconds } from "../transport/coerce.ts"

/** °C; the firmware writes −1 and less for a sensor that does not answer. */
export function axeTempC(value: unknown): number | null {
  const parsed = number(value)
  return parsed !== null && parsed > 0 && parsed < 200 ? parsed : null
}

/** `/api/system/info` of AxeOS and of the Nerd fork. Rates GH/s, power W at the board's input, voltages mV. */
export const INFO_FIELDS: FieldTable<"info"> = {
  // There is no average since the start: the windows of newer firmware end after an hour (or a day).
  hashrate_ghs: [{ from: "info", key: "hashRate", as: positive }],
  hashrate_5s_ghs: [{ from: "info", key: "hashRate", as: positive }],
  hashrate_expected_ghs: [{ from: "info", key: "expectedHashrate", as: mhz }],
  frequency_avg: [
    { from: "info", key: "frequency", as: mhz },
    { from: "info", key: "actualFrequency", as: mhz },
  ],
  accepted_shares: [{ from: "info", key: "sharesAccepted", as: count }],
  rejected_shares: [{ from: "info", key: "sharesRejected", as: count }],
  uptime_seconds: [{ from: "info", key: "uptimeSeconds", as: seconds }],
  power_consumption: [{ from: "info", key: "power", as: powerW }],
}

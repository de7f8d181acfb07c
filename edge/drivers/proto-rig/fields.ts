import type { FieldTable } from "../field-table.ts"
import { count, mhz, number, positive, powerW, seconds, tempC } from "../transport/coerce.ts"

/** `mining` is `mining-status`, `rig` the miner of `telemetry` with its figures lifted out (TH/s, W, °C). */
export const RIG_FIELDS: FieldTable<"mining" | "rig"> = {
  hashrate_ghs: [
    { from: "mining", key: "average_hashrate_ghs", as: positive },
    { from: "mining", key: "hashrate_ghs", as: positive },
  ],
  hashrate_5s_ghs: [
    { from: "rig", key: "hashrate", as: positive },
    { from: "mining", key: "hashrate_ghs", as: positive },
  ],
  hashrate_expected_ghs: [{ from: "mining", key: "ideal_hashrate_ghs", as: mhz }],
  temperature_avg: [
    { from: "mining", key: "average_asic_temp_c", as: tempC },
    { from: "mining", key: "average_hb_temp_c", as: tempC },
    { from: "rig", key: "temperature", as: tempC },
  ],
  hardware_errors: [{ from: "mining", key: "hw_errors", as: count }],
  uptime_seconds: [
    { from: "mining", key: "mining_uptime_s", as: seconds },
    { from: "mining", key: "reboot_uptime_s", as: seconds },
  ],
  power_consumption: [
    { from: "rig", key: "power", as: powerW },
    { from: "mining", key: "power_usage_watts", as: powerW },
  ],
}

/** `{value, unit}`, or the bare number; rates in GH/s. */
export function figure(given: unknown): number | null {
  if (typeof given !== "object" || given === null) return number(given)
  return number((given as { value?: unknown }).value)
}

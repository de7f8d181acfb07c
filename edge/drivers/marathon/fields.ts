import type { FieldTable } from "../field-table.ts"
import { mhz, powerW, seconds } from "../transport/coerce.ts"

/** `brief`. The rate now is in TH/s or GH/s, by build; `map.ts` tells them apart by the ideal, which is in GH/s. */
export const MARATHON_FIELDS: FieldTable<"brief"> = {
  hashrate_expected_ghs: [{ from: "brief", key: "hashrate_ideal", as: mhz }],
  power_consumption: [
    { from: "brief", key: "power_consumption_estimated", as: powerW },
    { from: "brief", key: "power_consumption", as: powerW },
  ],
  uptime_seconds: [{ from: "brief", key: "elapsed", as: seconds }],
}

import type { Identity } from "../driver.ts"

/** API v2 came with this firmware date, v3 on port 4433 with the other; the v2 reads on 4028 usually remain. */
const V2_SINCE = "20220729"
const V3_SINCE = "20241101"
/** `adjust_power_limit` came with it. */
const POWER_LIMIT_SINCE = [2, 0, 5]

export function firmwareDate(version: string | null): string | null {
  return /^\d{8}/.exec(version ?? "")?.[0] ?? null
}

export function isV3Firmware(version: string | null): boolean {
  return (firmwareDate(version) ?? "") >= V3_SINCE
}

/** By what its API says of itself, else by the date of its firmware. */
export function isV1({ api, firmwareVersion }: Identity): boolean {
  if (api) return Number(api.split(".")[0]) < 2
  const date = firmwareDate(firmwareVersion)
  return date !== null && date < V2_SINCE
}

/** Null: it does not say its API's version. */
export function knowsPowerLimit({ api }: Identity): boolean | null {
  if (!api) return null
  const parts = api.split(".").map(Number)
  for (const [at, since] of POWER_LIMIT_SINCE.entries()) {
    const part = parts[at] ?? 0
    if (part !== since) return part > since
  }
  return true
}

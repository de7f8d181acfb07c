import type { MinerSpec } from "./farm-spec.ts"

export type PoolSetting = { url: string; user: string; pass: string }
export type MinerSettings = {
  pools: PoolSetting[]
  /** Antminer's: 0 normal, 1 sleep, 3 low power. */
  mode: number
  fanManual: boolean
  fanPwm: number
  frequencyPercent: number
  /** Keys that this simulator gives no meaning to; kept as they were posted. */
  extra: Record<string, unknown>
}

const DEFAULT_POOLS = [
  "stratum+tcp://btc.meridianpool.example:3333",
  "stratum+tcp://eu.meridianpool.example:3333",
]

/** What a machine is set to when the farm starts. */
export function firstSettings(spec: MinerSpec): MinerSettings {
  const user = spec.worker ?? `flatfarm.${spec.address.split(".").slice(1).join("x")}`
  return {
    pools: (spec.pools ?? DEFAULT_POOLS).map((url) => ({ url, user, pass: "x" })),
    mode: spec.faults?.includes("asleep") ? 1 : 0,
    fanManual: false,
    fanPwm: 100,
    frequencyPercent: 100,
    extra: spec.conf ?? {},
  }
}

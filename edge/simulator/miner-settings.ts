import type { MinerSpec } from "./farm-spec.ts"

export type PoolSetting = { url: string; user: string; pass: string }
export type MinerSettings = {
  pools: PoolSetting[]
  /** As Antminers number them: 0 normal, 1 sleep, 2 high, 3 low power. */
  mode: number
  fanManual: boolean
  fanPwm: number
  /** The fans stand still: the machine hangs in a bath. */
  immersion: boolean
  frequencyPercent: number
  /** Watts that the machine keeps to; null: none set. */
  powerLimitW: number | null
  /** Millivolts where a family sets them; null: as it comes. */
  voltageMv: number | null
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
    immersion: false,
    frequencyPercent: 100,
    powerLimitW: null,
    voltageMv: null,
    extra: spec.conf ?? {},
  }
}

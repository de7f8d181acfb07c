import { type Machine, timing } from "../../profile.ts"

export type LuxosTraits = {
  family: "luxos"
  version: string
  /** Newer firmware wants the session's id before pools too. */
  poolsNeedSession: boolean
  /** Models that keep to watts, and their range; null: profiles alone. */
  powerRangeW: readonly [min: number, max: number] | null
  psuMeasures: boolean
  profileVolts: number
  control: string
}

const luxos = {
  family: "luxos",
  boards: 3,
  fans: 4,
  maxFanRpm: 6_000,
  boardSerialPrefix: "LUXSYN",
  ...timing,
} as const

export const luxosProfiles = {
  "luxos-s19k-pro": {
    ...luxos,
    model: "Antminer S19k Pro",
    version: "2025.4.8.220305-57b389c7",
    poolsNeedSession: false,
    powerRangeW: null,
    psuMeasures: false,
    profileVolts: 13.5,
    control: "cvitek",
    ths: 121.8,
    chipsPerBoard: 77,
    frequencyMhz: 590,
    powerW: 2794,
    riseC: 38,
    shareDifficulty: 32_768,
  },
  "luxos-s21": {
    ...luxos,
    model: "Antminer S21",
    version: "2026.5.22.201758-9e148a7ea",
    poolsNeedSession: true,
    powerRangeW: [2_800, 3_800],
    psuMeasures: true,
    profileVolts: 13.2,
    control: "amlogic",
    ths: 200,
    chipsPerBoard: 108,
    frequencyMhz: 490,
    powerW: 3500,
    riseC: 36,
    shareDifficulty: 1_048_576,
  },
} as const satisfies Record<string, Machine & LuxosTraits>

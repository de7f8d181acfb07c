import { type Machine, timing } from "../../profile.ts"

export type EpicTraits = {
  family: "epic"
  modelName: string
  subtype: string | null
  software: string
  /** `Manual` with its figure, or the bare word. */
  manualFigure: boolean
}

const epic = {
  family: "epic",
  fans: 4,
  boards: 3,
  maxFanRpm: 6000,
  ...timing,
} as const

export const epicProfiles = {
  "epic-s19j-pro": {
    ...epic,
    model: "ANTMINER S19J PRO",
    modelName: "ANTMINER S19J PRO",
    subtype: null,
    software: "PowerPlay-BMS v1.5.13",
    manualFigure: true,
    ths: 104,
    chipsPerBoard: 126,
    frequencyMhz: 545,
    powerW: 3068,
    riseC: 45,
    shareDifficulty: 524_288,
  },
  "epic-bm520i": {
    ...epic,
    model: "BLOCKMINER 520i",
    modelName: "BLOCKMINER 520i",
    subtype: null,
    software: "PowerPlay-BM v1.7.0",
    manualFigure: false,
    ths: 140,
    chipsPerBoard: 124,
    frequencyMhz: 490,
    powerW: 3200,
    riseC: 42,
    shareDifficulty: 524_288,
  },
} as const satisfies Record<string, Machine & EpicTraits>

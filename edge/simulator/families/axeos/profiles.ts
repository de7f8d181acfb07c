import { type Machine, timing } from "../../profile.ts"

export type AxeosTraits = {
  family: "axeos"
  /** `2024`: figures as texts, 0 and 1, no list of frequencies. `2026`: pausing, windows, actual figures. `nerd`: the fork. */
  dialect: "2024" | "2026" | "nerd"
  chip: string
  /** Of AxeOS; the fork has none. */
  boardVersion: string
  /** Told by `/api/system/asic`, and by the fork in its info. */
  deviceModel: string
  smallCores: number
  version: string
  coreMv: number
  frequencies: readonly number[]
  voltages: readonly number[]
}

const axe = {
  family: "axeos",
  boards: 1,
  fans: 1,
  maxFanRpm: 7_000,
  shareDifficulty: 1_024,
  ...timing,
  bootHardS: 10,
  warmUpS: 20,
} as const

export const axeosProfiles = {
  "bitaxe-supra": {
    ...axe,
    model: "Supra",
    dialect: "2024",
    chip: "BM1368",
    boardVersion: "401",
    deviceModel: "Supra",
    smallCores: 1_276,
    version: "v2.4.5",
    ths: 0.625,
    chipsPerBoard: 1,
    frequencyMhz: 490,
    coreMv: 1_166,
    frequencies: [400, 425, 450, 475, 485, 490, 500, 525, 550, 575],
    voltages: [1_100, 1_150, 1_166, 1_200, 1_250, 1_300],
    powerW: 15,
    riseC: 36,
  },
  "bitaxe-gamma": {
    ...axe,
    model: "Gamma",
    dialect: "2026",
    chip: "BM1370",
    boardVersion: "602",
    deviceModel: "Gamma",
    smallCores: 2_040,
    version: "v2.14.0",
    ths: 1.071,
    chipsPerBoard: 1,
    frequencyMhz: 525,
    coreMv: 1_150,
    frequencies: [400, 440, 490, 525, 550, 600, 625],
    voltages: [1_000, 1_060, 1_100, 1_150, 1_200, 1_250],
    powerW: 17,
    riseC: 35,
  },
  "nerdqaxe-plus": {
    ...axe,
    model: "NerdQAxe++",
    dialect: "nerd",
    chip: "BM1370",
    boardVersion: "",
    deviceModel: "NerdQAxe++",
    smallCores: 2_040,
    version: "v1.0.34",
    ths: 4.896,
    chipsPerBoard: 4,
    frequencyMhz: 600,
    coreMv: 1_150,
    frequencies: [440, 500, 525, 550, 575, 600, 625],
    voltages: [1_120, 1_130, 1_140, 1_150, 1_160],
    powerW: 76,
    riseC: 34,
  },
} as const satisfies Record<string, Machine & AxeosTraits>

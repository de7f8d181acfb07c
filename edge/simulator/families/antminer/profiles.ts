import { type Machine, timing } from "../../profile.ts"

export type AntminerTraits = {
  family: "antminer"
  /**
   * `2020`: the whole configuration must be posted. `2023`: a part of it is merged.
   * `legacy`: numbered chains from 6, form-encoded web, joined commands.
   */
  generation: "2020" | "2023" | "legacy"
  minerVersion: string
  compileTime: string
  /** `system_filesystem_version`, where it is not the compile time. */
  filesystemVersion?: string
  /** Boards and fans are numbered from here in the flat `stats` (counted from 1). */
  firstChain: number
  firstFan: number
  /** Answers `stats` with `new_api` in the layout of the web. */
  newApi: boolean
  /** Which of the two shapes of STATUS the web's summary has: both were recorded. */
  webStatus: "object" | "array"
  /** A real one often drops the connection instead of answering. */
  rebootAnswers: boolean
}

const antminer = {
  family: "antminer",
  minerVersion: "49.0.1.3",
  firstChain: 1,
  firstFan: 1,
  newApi: true,
  webStatus: "object",
  rebootAnswers: true,
  fans: 4,
  boards: 3,
  maxFanRpm: 6000,
  shareDifficulty: 524_288,
  ...timing,
} as const

export const antminerProfiles = {
  "s19-pro": {
    ...antminer,
    model: "Antminer S19 Pro",
    generation: "2020",
    compileTime: "Tue Dec  6 16:12:30 CST 2022",
    ths: 110,
    chipsPerBoard: 114,
    frequencyMhz: 525,
    powerW: 3250,
    riseC: 47,
    rebootAnswers: false,
  },
  s19: {
    ...antminer,
    model: "Antminer S19",
    generation: "2023",
    compileTime: "Fri Nov 17 17:37:21 CST 2023",
    ths: 95,
    chipsPerBoard: 76,
    frequencyMhz: 675,
    powerW: 3250,
    riseC: 44,
    webStatus: "array",
  },
  "s19j-pro": {
    ...antminer,
    model: "Antminer S19j Pro",
    generation: "2023",
    compileTime: "Fri Nov 17 17:37:21 CST 2023",
    ths: 104,
    chipsPerBoard: 126,
    frequencyMhz: 545,
    powerW: 3068,
    riseC: 45,
  },
  s21: {
    ...antminer,
    model: "Antminer S21",
    generation: "2023",
    minerVersion: "uart_trans.1.3",
    compileTime: "Thu Oct  9 11:02:17 CST 2025",
    filesystemVersion: "FR-1.12(251009-S21)",
    ths: 200,
    chipsPerBoard: 108,
    frequencyMhz: 490,
    powerW: 3500,
    riseC: 43,
    shareDifficulty: 1_048_576,
  },
  t21: {
    ...antminer,
    model: "Antminer T21",
    generation: "2023",
    minerVersion: "uart_trans.1.3",
    compileTime: "Tue Mar 12 09:40:51 CST 2024",
    ths: 190,
    chipsPerBoard: 108,
    frequencyMhz: 470,
    powerW: 3610,
    riseC: 46,
    shareDifficulty: 1_048_576,
    rebootAnswers: false,
  },
  s9: {
    ...antminer,
    model: "Antminer S9",
    generation: "legacy",
    minerVersion: "16.8.1.3",
    compileTime: "Fri Nov 17 17:37:49 CST 2017",
    firstChain: 6,
    firstFan: 5,
    newApi: false,
    ths: 13.5,
    chipsPerBoard: 63,
    fans: 2,
    frequencyMhz: 650,
    powerW: 1320,
    riseC: 51,
    shareDifficulty: 16_384,
  },
} as const satisfies Record<string, Machine & AntminerTraits>

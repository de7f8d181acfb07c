/**
 * The machines that can be played, one row each. Boards, chips and fans as in the model catalogue of the
 * protocol papers; hashrate and power are the vendors' nameplates.
 */
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
export type WhatsminerTraits = {
  family: "whatsminer"
  api: "v1" | "v2"
  apiVersion: string
  firmware: string
  platform: string
  psu: string
}
export type CgminerTraits = { family: "cgminer"; version: string; driver: string; deviceName: string }

export type Profile = {
  /** As the machine names itself. */
  model: string
  ths: number
  boards: number
  chipsPerBoard: number
  fans: number
  maxFanRpm: number
  frequencyMhz: number
  powerW: number
  /** Hottest chip above the inlet at full load. */
  riseC: number
  shareDifficulty: number
  /** Seconds at speed 1. */
  bootHardS: number
  restartSoftS: number
  warmUpS: number
} & (AntminerTraits | WhatsminerTraits | CgminerTraits)

export type Family = Profile["family"]

const timing = { bootHardS: 20, restartSoftS: 8, warmUpS: 75 }
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
const whatsminer = {
  family: "whatsminer",
  fans: 2,
  boards: 3,
  maxFanRpm: 7200,
  shareDifficulty: 262_144,
  ...timing,
} as const
const cgminer = { family: "cgminer", shareDifficulty: 131_072, ...timing, warmUpS: 45 } as const

export const profiles = {
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
  m20s: {
    ...whatsminer,
    model: "M20S_V10",
    api: "v1",
    apiVersion: "whatsminer v1.4.0",
    firmware: "20210322.22.REL",
    platform: "H3",
    psu: "P21-12-3600-E",
    ths: 68,
    chipsPerBoard: 105,
    frequencyMhz: 648,
    powerW: 3360,
    riseC: 58,
    shareDifficulty: 65_536,
  },
  m30s: {
    ...whatsminer,
    model: "M30S_V10",
    api: "v2",
    apiVersion: "2.0.4",
    firmware: "20221012.16.REL",
    platform: "H6OS",
    psu: "P221B",
    ths: 88,
    chipsPerBoard: 148,
    frequencyMhz: 610,
    powerW: 3344,
    riseC: 52,
  },
  m50s: {
    ...whatsminer,
    model: "M50S_VH50",
    api: "v2",
    apiVersion: "2.0.5",
    firmware: "20230803.11.REL",
    platform: "H616",
    psu: "P222B",
    ths: 126,
    chipsPerBoard: 135,
    frequencyMhz: 600,
    powerW: 3276,
    riseC: 50,
  },
  "ebit-e12": {
    ...cgminer,
    model: "Ebit E12+",
    version: "4.11.1",
    driver: "ebit",
    deviceName: "EBT",
    ths: 50,
    boards: 3,
    chipsPerBoard: 144,
    fans: 4,
    maxFanRpm: 6500,
    frequencyMhz: 612,
    powerW: 2500,
    riseC: 49,
  },
  "strongu-u8": {
    ...cgminer,
    model: "StrongU U8",
    version: "4.10.0",
    driver: "strongu",
    deviceName: "STU",
    ths: 46,
    boards: 4,
    chipsPerBoard: 60,
    fans: 2,
    maxFanRpm: 5200,
    frequencyMhz: 720,
    powerW: 2800,
    riseC: 53,
  },
} as const satisfies Record<string, Profile>

export type ProfileName = keyof typeof profiles
export const profileNames = Object.keys(profiles) as [ProfileName, ...ProfileName[]]

import { type Machine, timing } from "../../profile.ts"
import type { AntminerTraits } from "../antminer/profiles.ts"

export type MarathonTraits = Omit<AntminerTraits, "family"> & {
  family: "marathon"
  kaonsuVersion: string
  realm: string
  /** Newer builds have `hashboards`, older ones `details` with other names. */
  boardsPage: "hashboards" | "details"
  /** `brief` tells its rate in GH/s; else in TH/s. */
  briefInGhs: boolean
  /** The configuration keeps figures as texts. */
  textFigures: boolean
}

const marathon = {
  family: "marathon",
  generation: "2023",
  minerVersion: "1.0.1.3",
  compileTime: "Thu Jul 18 08:00:00 UTC 2024",
  firstChain: 1,
  firstFan: 1,
  newApi: false,
  webStatus: "object",
  rebootAnswers: true,
  fans: 4,
  boards: 3,
  maxFanRpm: 6000,
  ...timing,
} as const

export const marathonProfiles = {
  "mara-s19j-pro": {
    ...marathon,
    model: "Antminer S19j Pro",
    kaonsuVersion: "2.1.4",
    realm: "antMiner Configuration",
    boardsPage: "hashboards",
    briefInGhs: true,
    textFigures: false,
    ths: 104,
    chipsPerBoard: 126,
    frequencyMhz: 545,
    powerW: 3068,
    riseC: 45,
    shareDifficulty: 524_288,
  },
  "mara-s21": {
    ...marathon,
    model: "Antminer S21",
    kaonsuVersion: "1.9.0",
    realm: "kaonsu",
    boardsPage: "details",
    briefInGhs: false,
    textFigures: true,
    ths: 200,
    chipsPerBoard: 108,
    frequencyMhz: 490,
    powerW: 3500,
    riseC: 43,
    shareDifficulty: 1_048_576,
  },
} as const satisfies Record<string, Machine & MarathonTraits>

import { type Machine, timing } from "../../profile.ts"
import type { AntminerTraits } from "../antminer/profiles.ts"

export type HiveonTraits = Omit<AntminerTraits, "family"> & {
  family: "hiveon"
  /** Beside its name in `version`. */
  hiveonVersion: string
  /** The builds for the T9 and its like have the command port alone. */
  web: boolean
}

const hiveon = {
  family: "hiveon",
  minerVersion: "49.0.1.3",
  newApi: false,
  webStatus: "object",
  rebootAnswers: true,
  firstChain: 1,
  firstFan: 1,
  boards: 3,
  maxFanRpm: 6000,
  ...timing,
} as const

export const hiveonProfiles = {
  "hiveon-s19j-pro": {
    ...hiveon,
    model: "Antminer S19j Pro",
    generation: "2023",
    compileTime: "Wed Aug 23 10:11:12 UTC 2023",
    hiveonVersion: "1.04",
    web: true,
    ths: 104,
    chipsPerBoard: 126,
    fans: 4,
    frequencyMhz: 545,
    powerW: 2900,
    riseC: 45,
    shareDifficulty: 524_288,
  },
  "hiveon-t9": {
    ...hiveon,
    model: "Antminer T9",
    generation: "legacy",
    compileTime: "Fri Nov 15 17:37:49 UTC 2019",
    hiveonVersion: "1.03",
    web: false,
    firstChain: 6,
    firstFan: 5,
    ths: 12.5,
    chipsPerBoard: 54,
    fans: 2,
    frequencyMhz: 600,
    powerW: 1430,
    riseC: 51,
    shareDifficulty: 16_384,
  },
} as const satisfies Record<string, Machine & HiveonTraits>

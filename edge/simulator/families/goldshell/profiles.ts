import { type Machine, timing } from "../../profile.ts"
import type { CgminerTraits } from "../cgminer/profiles.ts"

export type GoldshellTraits = Omit<CgminerTraits, "family"> & {
  family: "goldshell"
  firmware: string
  /** Newer boxes list their pools in a group. */
  grouped: boolean
}

const goldshell = {
  family: "goldshell",
  version: "5.5.0",
  driver: "bfgminer",
  deviceName: "GSH",
  shareDifficulty: 256,
  ...timing,
} as const

export const goldshellProfiles = {
  "goldshell-kd-box-ii": {
    ...goldshell,
    model: "KD BOX II",
    firmware: "2.2.5",
    grouped: false,
    ths: 5,
    boards: 1,
    chipsPerBoard: 36,
    fans: 2,
    maxFanRpm: 4500,
    frequencyMhz: 750,
    powerW: 400,
    riseC: 38,
  },
  "goldshell-kd-max": {
    ...goldshell,
    model: "KDMAX",
    firmware: "2.1.3",
    grouped: true,
    ths: 40,
    boards: 3,
    chipsPerBoard: 84,
    fans: 2,
    maxFanRpm: 5500,
    frequencyMhz: 750,
    powerW: 3350,
    riseC: 44,
  },
} as const satisfies Record<string, Machine & GoldshellTraits>

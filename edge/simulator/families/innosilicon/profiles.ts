import { type Machine, timing } from "../../profile.ts"
import type { CgminerTraits } from "../cgminer/profiles.ts"

export type InnosiliconTraits = Omit<CgminerTraits, "family"> & {
  family: "innosilicon"
  /** Under which name, and so in which unit, the web tells rates. */
  rateKey: "Hash Rate H" | "Hash Rate"
  /** The token runs out after this many seconds. */
  tokenS: number
}

const innosilicon = {
  family: "innosilicon",
  version: "4.10.0",
  driver: "inno",
  deviceName: "INN",
  tokenS: 600,
  ...timing,
} as const

export const innosiliconProfiles = {
  "innosilicon-t3h": {
    ...innosilicon,
    model: "T3H+",
    rateKey: "Hash Rate H",
    ths: 57,
    boards: 3,
    chipsPerBoard: 114,
    fans: 2,
    maxFanRpm: 6000,
    frequencyMhz: 600,
    powerW: 3300,
    riseC: 44,
    shareDifficulty: 131_072,
  },
  "innosilicon-a11": {
    ...innosilicon,
    model: "A11",
    rateKey: "Hash Rate",
    ths: 0.0015,
    boards: 4,
    chipsPerBoard: 8,
    fans: 2,
    maxFanRpm: 6000,
    frequencyMhz: 1100,
    powerW: 2300,
    riseC: 42,
    shareDifficulty: 1,
  },
} as const satisfies Record<string, Machine & InnosiliconTraits>

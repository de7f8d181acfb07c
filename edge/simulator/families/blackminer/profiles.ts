import { type Machine, timing } from "../../profile.ts"
import type { AntminerTraits } from "../antminer/profiles.ts"

/** `hammer` keeps the web of newer Antminers; `volcminer` takes one form, and its stats lack a comma. */
export type BlackTraits = Omit<AntminerTraits, "family"> & {
  family: "blackminer"
  maker: "hammer" | "volcminer"
  image: string
}

const black = {
  family: "blackminer",
  generation: "2023",
  minerVersion: "1.3.0.8",
  compileTime: "2025-02-18 15-51-04 CST",
  firstChain: 1,
  firstFan: 1,
  newApi: false,
  webStatus: "object",
  rebootAnswers: true,
  boards: 3,
  maxFanRpm: 6000,
  shareDifficulty: 16,
  ...timing,
} as const

export const blackminerProfiles = {
  "hammer-d10": {
    ...black,
    maker: "hammer",
    model: "HAMMER D10",
    image: "2023-05-28 17-20-35 CST",
    ths: 0.005,
    chipsPerBoard: 108,
    fans: 2,
    frequencyMhz: 1800,
    powerW: 1000,
    riseC: 40,
  },
  "volcminer-d1": {
    ...black,
    maker: "volcminer",
    model: "VolcMiner D1",
    image: "2025-02-18 15-51-04 CST",
    ths: 0.0155,
    chipsPerBoard: 105,
    fans: 4,
    frequencyMhz: 1900,
    powerW: 3500,
    riseC: 42,
  },
} as const satisfies Record<string, Machine & BlackTraits>

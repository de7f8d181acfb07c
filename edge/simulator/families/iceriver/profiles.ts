import { type Machine, timing } from "../../profile.ts"

export type IceriverTraits = {
  family: "iceriver"
  image: string
  /** Unit of the panel's rates. */
  unit: "G" | "T"
  /** What the panel says of the model; older images say `none`. */
  told: string
}

const iceriver = { family: "iceriver", maxFanRpm: 6000, shareDifficulty: 1024, ...timing } as const

export const iceriverProfiles = {
  "iceriver-ks3m": {
    ...iceriver,
    model: "KS3M",
    image: "ks_miner_KS3M_20230914",
    unit: "G",
    told: "none",
    ths: 6,
    boards: 3,
    chipsPerBoard: 18,
    fans: 4,
    frequencyMhz: 1200,
    powerW: 3400,
    riseC: 40,
  },
  "iceriver-ks5l": {
    ...iceriver,
    model: "KS5L",
    image: "ks_miner_KS5L_20240521",
    unit: "T",
    told: "KS5L",
    ths: 12,
    boards: 3,
    chipsPerBoard: 18,
    fans: 4,
    frequencyMhz: 1300,
    powerW: 3400,
    riseC: 41,
  },
} as const satisfies Record<string, Machine & IceriverTraits>

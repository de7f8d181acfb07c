import { type Machine, timing } from "../../profile.ts"

export type FuturebitTraits = { family: "futurebit"; version: string }

export const futurebitProfiles = {
  "apollo-ii": {
    family: "futurebit",
    model: "Apollo II",
    version: "2.0.5",
    ths: 8,
    boards: 1,
    chipsPerBoard: 44,
    fans: 1,
    maxFanRpm: 4_500,
    frequencyMhz: 700,
    powerW: 280,
    riseC: 38,
    shareDifficulty: 8_192,
    ...timing,
    warmUpS: 30,
  },
} as const satisfies Record<string, Machine & FuturebitTraits>

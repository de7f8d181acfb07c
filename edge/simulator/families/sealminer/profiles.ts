import { type Machine, timing } from "../../profile.ts"

export type SealminerTraits = { family: "sealminer"; version: string }

export const sealminerProfiles = {
  "sealminer-a2": {
    family: "sealminer",
    model: "SealMiner A2",
    version: "20250313.141516",
    ths: 226,
    boards: 3,
    chipsPerBoard: 153,
    fans: 4,
    maxFanRpm: 6_600,
    frequencyMhz: 615,
    powerW: 3_730,
    riseC: 46,
    shareDifficulty: 524_288,
    boardSerialPrefix: "A2HB",
    ...timing,
  },
} as const satisfies Record<string, Machine & SealminerTraits>

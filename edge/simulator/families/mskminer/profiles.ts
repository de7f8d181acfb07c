import { type Machine, timing } from "../../profile.ts"

export type MskminerTraits = { family: "mskminer"; version: string; compileTime: string }

export const mskminerProfiles = {
  "mskminer-s19": {
    family: "mskminer",
    model: "S19-88",
    version: "2.6.0.39",
    compileTime: "10 Dec 2024 14:34:31 GMT",
    ths: 88,
    boards: 3,
    chipsPerBoard: 76,
    fans: 4,
    maxFanRpm: 6000,
    frequencyMhz: 500,
    powerW: 2600,
    riseC: 44,
    shareDifficulty: 524_288,
    ...timing,
  },
} as const satisfies Record<string, Machine & MskminerTraits>

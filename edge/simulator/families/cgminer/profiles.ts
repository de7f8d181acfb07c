import { type Machine, timing } from "../../profile.ts"

export type CgminerTraits = { family: "cgminer"; version: string; driver: string; deviceName: string }

const cgminer = { family: "cgminer", shareDifficulty: 131_072, ...timing, warmUpS: 45 } as const

export const cgminerProfiles = {
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
} as const satisfies Record<string, Machine & CgminerTraits>

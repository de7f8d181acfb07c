import { type Machine, timing } from "../../profile.ts"

export type AuradineTraits = {
  family: "auradine"
  version: string
  /** The command port answers the reports of its own, too; else cgminer's alone. */
  allOnRpc: boolean
}

const auradine = {
  family: "auradine",
  boards: 3,
  fans: 4,
  maxFanRpm: 6_400,
  shareDifficulty: 262_144,
  ...timing,
} as const

export const auradineProfiles = {
  "auradine-at2880": {
    ...auradine,
    model: "AT2880",
    version: "2024.10.1-52",
    allOnRpc: false,
    ths: 260,
    chipsPerBoard: 138,
    frequencyMhz: 610,
    powerW: 3_850,
    riseC: 48,
  },
  "auradine-at1500": {
    ...auradine,
    model: "AT1500",
    version: "2025.2.0-7",
    allOnRpc: true,
    ths: 150,
    chipsPerBoard: 132,
    frequencyMhz: 520,
    powerW: 2_700,
    riseC: 46,
  },
} as const satisfies Record<string, Machine & AuradineTraits>

import { type Machine, timing } from "../../profile.ts"

export type ElphapexTraits = {
  family: "elphapex"
  firmware: string
  hardware: string
  /** How `set_miner_conf` wants its pools: numbered fields, or a list beside `miner-mode`. */
  posted: "numbered" | "list"
  /** `get_power` answers with figures. */
  meteredPsu: boolean
}

const elphapex = {
  family: "elphapex",
  boards: 4,
  fans: 4,
  maxFanRpm: 6000,
  shareDifficulty: 16,
  meteredPsu: true,
  ...timing,
} as const

export const elphapexProfiles = {
  "elphapex-dg1": {
    ...elphapex,
    model: "DG1",
    firmware: "DG1_SW_V1.0.2",
    hardware: "DG1_HW_V1.0",
    posted: "numbered",
    ths: 0.011,
    chipsPerBoard: 144,
    frequencyMhz: 1850,
    powerW: 3420,
    riseC: 42,
  },
  "elphapex-dg-home1": {
    ...elphapex,
    model: "DG-Home1",
    firmware: "DG-Home1_V1.0.5",
    hardware: "DG-Home1_HW_V1.0",
    posted: "list",
    ths: 0.0021,
    chipsPerBoard: 120,
    frequencyMhz: 1850,
    powerW: 630,
    riseC: 38,
  },
} as const satisfies Record<string, Machine & ElphapexTraits>

import { type Machine, timing } from "../../profile.ts"

export type ProtoRigTraits = {
  family: "proto-rig"
  version: string
  /** Where its boards sit, counted from 1: some slots are empty. */
  slots: readonly number[]
  powerMinW: number
  powerMaxW: number
}

export const protoRigProfiles = {
  "proto-rig": {
    family: "proto-rig",
    model: "Rig",
    version: "1.8.2",
    slots: [1, 3, 4, 6],
    powerMinW: 1_500,
    powerMaxW: 4_200,
    ths: 145,
    boards: 4,
    chipsPerBoard: 120,
    fans: 4,
    maxFanRpm: 6_000,
    frequencyMhz: 1_100,
    powerW: 3_400,
    riseC: 45,
    shareDifficulty: 1_048_576,
    boardSerialPrefix: "HB",
    ...timing,
    warmUpS: 60,
  },
} as const satisfies Record<string, Machine & ProtoRigTraits>

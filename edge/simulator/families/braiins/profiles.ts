import { type Machine, timing } from "../../profile.ts"

export type BraiinsTraits = {
  family: "braiins"
  /** The richest interface of the release; all have port 4028. */
  api: "rest" | "graphql" | "rpc"
  version: string
  /** What port 4028 calls itself, and under which key. */
  boser: readonly [key: "BOSer" | "BOSminer" | "BOSminer+", version: string]
  /** Boards are numbered from here. */
  firstBoard: number
  /** Releases from 25.05 on name sensors and tell serials otherwise. */
  newSensors: boolean
  powerRangeW: readonly [min: number, max: number]
  chip: string
}

const braiins = {
  family: "braiins",
  boards: 3,
  fans: 4,
  maxFanRpm: 6_000,
  newSensors: false,
  firstBoard: 1,
  boardSerialPrefix: "BOSSYN",
  chip: "BM1366",
  ...timing,
} as const

const s9 = {
  ...braiins,
  model: "Antminer S9",
  firstBoard: 6,
  powerRangeW: [500, 1_500],
  chip: "BM1387",
  ths: 13.5,
  chipsPerBoard: 63,
  fans: 2,
  frequencyMhz: 650,
  powerW: 1_320,
  riseC: 51,
  shareDifficulty: 16_384,
} as const

export const braiinsProfiles = {
  "bos-s19-xp": {
    ...braiins,
    model: "Antminer S19 XP",
    api: "rest",
    version: "2025-08-06-0-3881c51d-25.07-plus",
    boser: ["BOSer", "boser-buildroot 0.1.0-3881c51d"],
    powerRangeW: [1_000, 5_000],
    ths: 141,
    chipsPerBoard: 110,
    frequencyMhz: 480,
    powerW: 3_010,
    riseC: 42,
    shareDifficulty: 262_144,
  },
  "bos-s19j-pro": {
    ...braiins,
    model: "Antminer S19j Pro",
    api: "graphql",
    version: "2025-05-13-0-91d6dc3c-25.05-plus",
    boser: ["BOSer", "boser-openwrt 0.1.0-91d6dc3c"],
    newSensors: true,
    powerRangeW: [1_000, 4_500],
    chip: "BM1362",
    ths: 104,
    chipsPerBoard: 126,
    frequencyMhz: 545,
    powerW: 3_068,
    riseC: 43,
    shareDifficulty: 262_144,
  },
  "bos-s9": {
    ...s9,
    api: "graphql",
    version: "2022-09-13-0-11012d53-22.08-plus",
    boser: ["BOSer", "boser-openwrt 0.1.0-11012d53"],
  },
  "bosminer-s9": {
    ...s9,
    api: "rpc",
    version: "2020-10-25-0-08c2a1fb-20.10",
    boser: ["BOSminer", "bosminer-am1-s9 0.2.0-08c2a1fb"],
  },
} as const satisfies Record<string, Machine & BraiinsTraits>

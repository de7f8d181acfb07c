import { type Machine, timing } from "../../profile.ts"

export type WhatsminerTraits = {
  family: "whatsminer"
  api: "v1" | "v2"
  apiVersion: string
  firmware: string
  platform: string
  psu: string
  /** `adjust_power_limit`, from API 2.0.5 on. */
  powerLimit?: boolean
  /** API v3 on port 4433, which takes the writes; 4028 keeps the reads of v2. */
  frameApi?: string
  /** A change of the power mode restarts the mining process before it has answered. */
  silentModes?: true
  /** Left out: it opens sealed commands. The oldest daemons only know plain ones with a token. */
  envelope?: false
}

const whatsminer = {
  boardSerialPrefix: "BHM5",
  family: "whatsminer",
  fans: 2,
  boards: 3,
  maxFanRpm: 7200,
  shareDifficulty: 262_144,
  ...timing,
} as const

export const whatsminerProfiles = {
  m20s: {
    ...whatsminer,
    model: "M20S_V10",
    api: "v1",
    apiVersion: "whatsminer v1.4.0",
    firmware: "20210322.22.REL",
    platform: "H3",
    psu: "P21-12-3600-E",
    ths: 68,
    chipsPerBoard: 105,
    frequencyMhz: 648,
    powerW: 3360,
    riseC: 58,
    shareDifficulty: 65_536,
  },
  m21s: {
    ...whatsminer,
    model: "M21S_V60",
    api: "v1",
    apiVersion: "whatsminer v1.3",
    envelope: false,
    firmware: "20200917.22.REL",
    platform: "H3",
    psu: "P21-12-3600-E",
    ths: 56,
    chipsPerBoard: 105,
    frequencyMhz: 590,
    powerW: 3360,
    riseC: 56,
    shareDifficulty: 65_536,
  },
  m30s: {
    ...whatsminer,
    model: "M30S_V10",
    api: "v2",
    apiVersion: "2.0.4",
    silentModes: true,
    firmware: "20221012.16.REL",
    platform: "H6OS",
    psu: "P221B",
    ths: 88,
    chipsPerBoard: 148,
    frequencyMhz: 610,
    powerW: 3344,
    riseC: 52,
  },
  m50s: {
    ...whatsminer,
    model: "M50S_VH50",
    api: "v2",
    apiVersion: "2.0.5",
    powerLimit: true,
    firmware: "20230803.11.REL",
    platform: "H616",
    psu: "P222B",
    ths: 126,
    chipsPerBoard: 135,
    frequencyMhz: 600,
    powerW: 3276,
    riseC: 50,
  },
  m60s: {
    ...whatsminer,
    model: "M60S_VK40",
    api: "v2",
    apiVersion: "2.0.5",
    frameApi: "3.0.3",
    firmware: "20250214.16.Rel2",
    platform: "H616",
    psu: "P221B",
    ths: 186,
    chipsPerBoard: 225,
    frequencyMhz: 625,
    powerW: 3441,
    riseC: 50,
  },
} as const satisfies Record<string, Machine & WhatsminerTraits>

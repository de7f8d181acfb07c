import { type Machine, timing } from "../../profile.ts"
import type { AntminerTraits } from "../antminer/profiles.ts"

export type VnishTraits = Omit<AntminerTraits, "family"> & {
  family: "vnish"
  vnishVersion: string
  /** `summary` and its like want a login too. */
  closedReads: boolean
  /** `mining/*` takes the bare token, the rest `Bearer`. */
  bareToken: boolean
  /** Presets that are not in the list are refused, and `throttled` is told: 1.3 on. */
  strictPresets: boolean
  meteredPsu: boolean
  platform: string
  minFanPwm: number
}

const vnish = {
  family: "vnish",
  generation: "2023",
  minerVersion: "1.0.1.3",
  compileTime: "Mon Sep  1 10:00:00 UTC 2025",
  firstChain: 1,
  firstFan: 1,
  newApi: false,
  webStatus: "object",
  rebootAnswers: true,
  fans: 4,
  boards: 3,
  maxFanRpm: 6000,
  minFanPwm: 10,
  ...timing,
} as const

export const vnishProfiles = {
  "vnish-s21-pro": {
    ...vnish,
    model: "Antminer S21 Pro",
    vnishVersion: "1.2.7",
    closedReads: false,
    bareToken: false,
    strictPresets: false,
    meteredPsu: true,
    platform: "aml",
    ths: 234,
    chipsPerBoard: 65,
    frequencyMhz: 495,
    powerW: 3510,
    riseC: 44,
    shareDifficulty: 1_048_576,
  },
  "vnish-s19j-pro": {
    ...vnish,
    model: "Antminer S19j Pro",
    vnishVersion: "1.3.0",
    closedReads: true,
    bareToken: true,
    strictPresets: true,
    meteredPsu: false,
    platform: "xil",
    ths: 104,
    chipsPerBoard: 126,
    frequencyMhz: 545,
    powerW: 3068,
    riseC: 45,
    shareDifficulty: 524_288,
  },
} as const satisfies Record<string, Machine & VnishTraits>

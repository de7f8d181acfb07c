import { type Machine, timing } from "../../profile.ts"

export type GpuTraits = {
  family: "gpu"
  program:
    | "trex"
    | "teamredminer"
    | "lolminer-old"
    | "lolminer"
    | "gminer"
    | "xmrig"
    | "nbminer"
    | "srbminer"
    | "bzminer"
  version: string
  device: string
  port: number
}

/** A rig of six cards; rates as of a memory-bound algorithm. */
const rig = {
  family: "gpu",
  boards: 6,
  chipsPerBoard: 1,
  fans: 6,
  maxFanRpm: 3_300,
  frequencyMhz: 1_450,
  ths: 0.00036,
  powerW: 720,
  riseC: 34,
  shareDifficulty: 1,
  ...timing,
  bootHardS: 60,
  warmUpS: 20,
  model: "GPU rig",
  device: "GeForce RTX 3060 Ti",
} as const

export const gpuProfiles = {
  "gpu-trex": { ...rig, program: "trex", version: "0.26.8", port: 4067 },
  "gpu-teamredminer": { ...rig, program: "teamredminer", version: "0.10.21", port: 4028, device: "RX 6800" },
  "gpu-lolminer": { ...rig, program: "lolminer", version: "1.88", port: 4068 },
  "gpu-lolminer-old": { ...rig, program: "lolminer-old", version: "1.29", port: 4068 },
  "gpu-gminer": { ...rig, program: "gminer", version: "3.44", port: 4069 },
  "gpu-nbminer": { ...rig, program: "nbminer", version: "42.3", port: 4070 },
  "gpu-xmrig": {
    ...rig,
    program: "xmrig",
    version: "6.22.0",
    port: 4071,
    boards: 1,
    ths: 1.8e-8,
    shareDifficulty: 1e-6,
    powerW: 140,
    device: "AMD Ryzen 9 5950X",
  },
  "gpu-srbminer": { ...rig, program: "srbminer", version: "2.5.7", port: 21_555, device: "RX 6800" },
  "gpu-bzminer": { ...rig, program: "bzminer", version: "v21.5.3", port: 4014 },
} as const satisfies Record<string, Machine & GpuTraits>

import { readFileSync } from "node:fs"
import { z } from "zod"
import { demoMiners, demoPools } from "./demo-farm.ts"
import { faultKinds } from "./faults.ts"
import { type ProfileName, profileNames } from "./profiles.ts"
import { seedOf } from "./random.ts"

const address = z.ipv4()

/** One machine of the farm. What is left out is derived from the seed. */
export const minerSpecSchema = z.object({
  address,
  profile: z.enum(profileNames),
  seed: z.number().int().min(0).optional(),
  /** At most three, in order of priority. */
  pools: z.array(z.string().min(1)).min(1).max(3).optional(),
  worker: z.string().min(1).optional(),
  /** Faults it starts with. */
  faults: z.array(z.enum(faultKinds)).optional(),
  /** 4028 grants writes. Stock Antminers do not; a WhatsMiner's API is on unless this is false. */
  privileged: z.boolean().optional(),
  /** Joined commands (`summary+pools`) are answered. Default: as the profile's generation does. */
  joins: z.boolean().optional(),
  password: z.string().optional(),
  /** How long it had been mining when the farm started; from the seed when left out. */
  uptimeS: z.number().min(0).optional(),
  /** Keys of the configuration beyond those that the simulator knows, as `get_miner_conf` shows them. */
  conf: z.record(z.string(), z.unknown()).optional(),
  /** Instead of the profile's. */
  firmware: z.string().min(1).optional(),
  /** How long the fault `act-slow` waits. */
  actDelayMs: z.number().min(0).optional(),
  /** Seconds, instead of the profile's. */
  bootHardS: z.number().min(0).optional(),
  restartSoftS: z.number().min(0).optional(),
})
export type MinerSpec = z.infer<typeof minerSpecSchema>

export const farmSpecSchema = z.object({
  seed: z.number().int().min(0).default(1),
  miners: z
    .array(minerSpecSchema)
    .min(1)
    .refine(
      (all) => new Set(all.map((miner) => miner.address)).size === all.length,
      "an address stands twice",
    ),
})
export type FarmSpec = z.infer<typeof farmSpecSchema>

export function demoSpec(): FarmSpec {
  return {
    seed: seedOf("demo"),
    miners: demoMiners.map((miner) => ({
      address: miner.address,
      profile: miner.profile,
      pools: [...demoPools[miner.account]],
      worker: miner.worker,
      privileged: miner.privileged,
      ...(miner.condition === null ? {} : { faults: [miner.condition] }),
    })),
  }
}

const flatFamilies = {
  antminer: ["s19-pro", "s19j-pro", "s21", "t21"],
  whatsminer: ["m30s", "m50s"],
  cgminer: ["ebit-e12", "strongu-u8"],
  mix: ["s19-pro", "s19j-pro", "m30s", "s21", "m50s", "t21", "ebit-e12", "s9"],
} as const satisfies Record<string, readonly ProfileName[]>
export type FlatFamily = keyof typeof flatFamilies

/** `count` machines from `base` (127.x.0.0) on, 250 to each third part of the address. */
export function flatSpec(count: number, base = "127.10.0.0", family: FlatFamily = "antminer"): FarmSpec {
  const network = base.split(".").slice(0, 2).join(".")
  const models = flatFamilies[family]
  return {
    seed: seedOf(`flat ${base}`),
    miners: Array.from({ length: count }, (_, i) => ({
      address: `${network}.${Math.floor(i / 250)}.${(i % 250) + 1}`,
      profile: models[i % models.length]!,
    })),
  }
}

/**
 * `demo`, `flat:N[@127.x.0.0][:antminer|whatsminer|cgminer|mix]`, or the path of a JSON file.
 * Throws an error that names what is wrong.
 */
export function readFarmSpec(text: string): FarmSpec {
  if (text === "demo") return demoSpec()
  const flat = /^flat:(\d+)(?:@(\d+\.\d+\.\d+\.\d+))?(?::([a-z]+))?$/.exec(text)
  if (flat) {
    const [, count, base, family = "antminer"] = flat
    if (!(family in flatFamilies)) throw new Error(`Unknown family ${family} in ${text}`)
    return farmSpecSchema.parse(flatSpec(Number(count), base, family as FlatFamily))
  }
  if (text.startsWith("flat:")) throw new Error(`${text} is not flat:N[@127.x.0.0][:family]`)
  const parsed = farmSpecSchema.safeParse(JSON.parse(readFileSync(text, "utf8")))
  if (!parsed.success) throw new Error(`${text}: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

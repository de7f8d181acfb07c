import type { ProfileName } from "./profiles.ts"

/**
 * The demo company's machines: which stand where, whose they are, and which are unwell. Without side effects,
 * so that the seed and the tests can name them.
 */
export type DemoCondition = "dead-board" | "hot" | "asleep" | "offline"
export type DemoMiner = {
  site: "a" | "b"
  address: string
  profile: ProfileName
  /** The hosting client's pool account; the worker is `account.a01` and so on. */
  account: "northfjord" | "auroramining"
  worker: string
  privileged: boolean
  condition: DemoCondition | null
}

export const demoPools = {
  northfjord: ["stratum+tcp://btc.meridianpool.example:3333", "stratum+tcp://eu.meridianpool.example:3333"],
  auroramining: ["stratum+tcp://stratum.tidewater.example:700", "stratum+tcp://backup.tidewater.example:700"],
} as const

export const demoSpecials = {
  healthy: "127.1.0.1",
  deadBoard: "127.1.0.7",
  hot: "127.1.0.12",
  asleep: "127.1.0.18",
  offline: "127.2.0.9",
} as const

const conditions: Record<string, DemoCondition> = {
  [demoSpecials.deadBoard]: "dead-board",
  [demoSpecials.hot]: "hot",
  [demoSpecials.asleep]: "asleep",
  [demoSpecials.offline]: "offline",
}

/** Runs of machines in address order: profile, how many, and whether 4028 grants writes (a WhatsMiner's API is on). */
type Run = [profile: ProfileName, count: number, privileged?: boolean]
const siteA: Run[] = [
  ["s19-pro", 5],
  ["s19j-pro", 5],
  ["s21", 6],
  ["s19-pro", 4],
  ["t21", 3],
  ["s9", 1],
  ["luxos-s21", 1],
  ["bos-s19-xp", 1],
  ["vnish-s19j-pro", 1],
  ["hiveon-s19j-pro", 1],
  ["m30s", 2],
  ["m50s", 2],
  ["m60s", 2],
  ["avalon-1566", 2],
  ["avalon-q", 1],
  ["bitaxe-gamma", 1],
  ["ebit-e12", 1, true],
  ["strongu-u8", 1],
]
const siteB: Run[] = [
  ["s19j-pro", 4],
  ["s21", 4],
  ["m50s", 2],
  ["t21", 2],
  ["m60s", 1],
  ["avalon-1346", 1],
  ["epic-bm520i", 1],
  ["mara-s21", 1],
  ["sealminer-a2", 1],
  ["proto-rig", 1],
  ["luxos-s21", 1],
  ["gpu-teamredminer", 1],
]

function layOut(
  site: "a" | "b",
  network: string,
  runs: Run[],
  clientOf: (n: number) => DemoMiner["account"],
) {
  const miners: DemoMiner[] = []
  for (const [profile, count, privileged = false] of runs)
    for (let i = 0; i < count; i++) {
      const n = miners.length + 1
      const address = `${network}.${n}`
      const account = clientOf(n)
      const worker = `${account}.${site}${String(n).padStart(2, "0")}`
      const condition = conditions[address] ?? null
      miners.push({ site, address, profile, account, worker, privileged, condition })
    }
  return miners
}

export const demoMiners: readonly DemoMiner[] = [
  ...layOut("a", "127.1.0", siteA, (n) => (n <= 28 ? "northfjord" : "auroramining")),
  ...layOut("b", "127.2.0", siteB, (n) => (n <= 12 ? "auroramining" : "northfjord")),
]

/** Addresses per site, in order. */
export const demoAddresses = {
  a: demoMiners.filter((miner) => miner.site === "a").map((miner) => miner.address),
  b: demoMiners.filter((miner) => miner.site === "b").map((miner) => miner.address),
} as const

import type { MinerSpec } from "#edge/simulator/farm-spec.ts"
import type { SimulatedMiner } from "#edge/simulator/miner.ts"
import type { CommandFeature } from "#server/contract/commands.ts"
import type { DriverFamily } from "#server/contract/families.ts"

/** A simulated machine that the conformance suites put its driver through. */
export type ConformanceMachine = {
  profile: MinerSpec["profile"]
  /** What identification must say. */
  family: DriverFamily
  spec?: Partial<MinerSpec>
  /** Accepted only: the machine shows it later or never. Reboots and firmware are so for all. */
  unverified?: readonly CommandFeature[]
  /** The machine never tells what these set, so that they are sent again each time. */
  untold?: readonly CommandFeature[]
  /** Instead of the suite's parameters of a feature, where the family's range is another. */
  parameters?: Partial<Record<CommandFeature, Record<string, unknown>>>
  /** Puts the machine into a state that the feature changes, where the suite's own does not. */
  prepare?: Partial<Record<CommandFeature, (miner: SimulatedMiner) => void>>
  /** Does not tell: a rate now, its boards, its pools. Left out: it does. */
  lacks?: readonly ("rate" | "boards" | "pools" | "temperatures" | "uptime" | "pool-url")[]
}

const VENDOR_KEYS = { "vendor-switch": true, "vendor-list": [1, { deep: "2" }] }
const FANS = ["THERMAL_POLICY.auto", "THERMAL_POLICY.immersion"] as const
const SHORT_PASSWORD = { SET_LOGIN: { password: "new-pw_1" } }

const OTHER_WORKERS = {
  RESTORE_CONFIG: ({ settings }: SimulatedMiner) => {
    settings.pools = settings.pools.map((pool) => ({ ...pool, user: "somebody.else" }))
  },
}

/** The mining process goes down to take pools over; who rules the fans is not told. */
const AVALON = {
  unverified: ["THERMAL_POLICY.auto"],
  untold: ["THERMAL_POLICY.auto", "THERMAL_POLICY.manual"],
  prepare: OTHER_WORKERS,
} as const

const OTHER_POWER = {
  RESTORE_CONFIG: ({ settings }: SimulatedMiner) => {
    settings.powerLimitW = 1_100
  },
}

/** What a machine without frequency levels can be restored from. */
const byFans = (miner: SimulatedMiner) => {
  miner.settings.fanManual = true
}

const OTHER_WORKER = {
  RESTORE_CONFIG: ({ settings }: SimulatedMiner) => {
    settings.pools = settings.pools.map((pool) => ({ ...pool, user: "somebody.else" }))
  },
}

/** One line a machine; every family stands here at least once, with each of its dialects. */
export const MACHINES: readonly ConformanceMachine[] = [
  { profile: "s19-pro", family: "antminer-stock", spec: { conf: VENDOR_KEYS } },
  { profile: "s19", family: "antminer-stock", spec: { conf: VENDOR_KEYS } },
  { profile: "s21", family: "antminer-stock", spec: { conf: VENDOR_KEYS } },
  { profile: "s9", family: "antminer-legacy-web", prepare: OTHER_WORKER },
  {
    profile: "m20s",
    family: "whatsminer-v2",
    parameters: SHORT_PASSWORD,
    unverified: FANS,
    untold: FANS,
    prepare: {
      RESTORE_CONFIG: (miner) => {
        miner.settings.pools = [{ url: "stratum+tcp://other.example:3333", user: "else.1", pass: "x" }]
      },
    },
  },
  {
    profile: "m60s",
    family: "whatsminer-v3",
    prepare: {
      "THERMAL_POLICY.auto": (miner) => {
        miner.settings.immersion = true
      },
    },
  },
  {
    profile: "m50s",
    family: "whatsminer-v2",
    parameters: SHORT_PASSWORD,
    unverified: FANS,
    untold: FANS,
  },
  { profile: "bitaxe-supra", family: "axeos" },
  { profile: "bitaxe-gamma", family: "axeos", unverified: ["LED"] },
  { profile: "nerdqaxe-plus", family: "nerdqaxe", unverified: ["ENABLE"] },
  { profile: "bos-s19-xp", family: "braiins", prepare: OTHER_POWER },
  // A miner that was started hashes later, and nothing else shows it.
  { profile: "bos-s19j-pro", family: "braiins", prepare: OTHER_POWER, unverified: ["ENABLE"] },
  {
    profile: "bos-s9",
    family: "braiins",
    prepare: OTHER_POWER,
    unverified: ["ENABLE"],
    parameters: { "POWER_MODE.limit": { power_limit_w: 900 } },
  },
  {
    profile: "bosminer-s9",
    family: "braiins",
    unverified: ["ENABLE"],
    untold: ["ENABLE", "DISABLE", "POWER_MODE.sleep"],
  },
  { profile: "luxos-s19k-pro", family: "luxos", parameters: { SET_FREQ: { frequency_mhz: 440 } } },
  { profile: "luxos-s21", family: "luxos" },
  { profile: "avalon-841", family: "avalon", ...AVALON },
  { profile: "avalon-1346", family: "avalon", ...AVALON },
  { profile: "avalon-1566", family: "avalon", ...AVALON },
  { profile: "avalon-q", family: "avalon", ...AVALON },
  { profile: "avalon-nano3s", family: "avalon", ...AVALON },
  {
    profile: "sealminer-a2",
    family: "sealminer",
    // It goes down to take these over.
    unverified: ["ENABLE", "POWER_MODE.limit", "CHANGE_POOL", "RESTORE_CONFIG"],
    prepare: OTHER_WORKERS,
  },
  { profile: "auradine-at2880", family: "auradine", prepare: OTHER_WORKERS },
  {
    profile: "auradine-at1500",
    family: "auradine",
    // On a warm day its own fans run as fast as the suite asks for.
    prepare: {
      ...OTHER_WORKERS,
      "THERMAL_POLICY.manual": ({ settings }) => Object.assign(settings, { fanManual: true, fanPwm: 50 }),
    },
  },
  {
    profile: "proto-rig",
    family: "proto-rig",
    unverified: ["LED"],
    untold: ["LED"],
    prepare: {
      "POWER_MODE.high": (miner) => {
        miner.settings.mode = 3
      },
      RESTORE_CONFIG: (miner) => {
        miner.settings.powerLimitW = 2_000
      },
    },
  },
  { profile: "gpu-trex", family: "gpu-trex" },
  { profile: "gpu-teamredminer", family: "gpu-teamredminer" },
  { profile: "gpu-lolminer", family: "gpu-lolminer" },
  { profile: "gpu-lolminer-old", family: "gpu-lolminer" },
  { profile: "gpu-gminer", family: "gpu-gminer" },
  { profile: "gpu-nbminer", family: "gpu-nbminer", lacks: ["uptime"] },
  { profile: "gpu-xmrig", family: "gpu-xmrig", lacks: ["boards", "temperatures"] },
  { profile: "gpu-srbminer", family: "gpu-srbminer" },
  { profile: "gpu-bzminer", family: "gpu-bzminer" },
  { profile: "apollo-ii", family: "futurebit" },
  { profile: "ebit-e12", family: "generic-cgminer", spec: { privileged: true } },
  { profile: "hiveon-s19j-pro", family: "hiveon", spec: { conf: VENDOR_KEYS } },
  { profile: "hiveon-t9", family: "hiveon" },
  { profile: "mskminer-s19", family: "mskminer" },
  { profile: "hammer-d10", family: "hammer", spec: { conf: VENDOR_KEYS } },
  { profile: "volcminer-d1", family: "volcminer", prepare: OTHER_WORKER },
  { profile: "goldshell-kd-box-ii", family: "goldshell", prepare: OTHER_WORKER, spec: { conf: VENDOR_KEYS } },
  { profile: "goldshell-kd-max", family: "goldshell", prepare: OTHER_WORKER },
  { profile: "iceriver-ks3m", family: "iceriver" },
  { profile: "iceriver-ks5l", family: "iceriver" },
  { profile: "innosilicon-t3h", family: "innosilicon", prepare: OTHER_WORKER },
  { profile: "innosilicon-a11", family: "innosilicon", prepare: OTHER_WORKER },
  { profile: "elphapex-dg1", family: "elphapex", spec: { conf: VENDOR_KEYS } },
  { profile: "elphapex-dg-home1", family: "elphapex" },
  { profile: "vnish-s21-pro", family: "vnish", spec: { conf: VENDOR_KEYS } },
  { profile: "vnish-s19j-pro", family: "vnish" },
  ...["epic-s19j-pro", "epic-bm520i"].map(
    (profile): ConformanceMachine => ({
      profile: profile as ConformanceMachine["profile"],
      family: "epic",
      prepare: { RESTORE_CONFIG: byFans },
    }),
  ),
  { profile: "mara-s19j-pro", family: "marathon" },
  { profile: "mara-s21", family: "marathon" },
]

/** Its address on the suites' floor. */
export const addressOf = (machine: ConformanceMachine): string => `127.79.0.${MACHINES.indexOf(machine) + 1}`

import type { SimulatedMiner } from "../../miner.ts"
import type { MinerSettings } from "../../miner-settings.ts"
import { presetWatts, traits } from "./state.ts"

type Row = Record<string, unknown>
export type Verdict = { settings: MinerSettings; changed: string[]; restart: boolean } | { refused: string }

const object = (value: unknown): Row =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : {}

/** What a posted part of the settings makes of the present ones. Keys that nobody knows are ignored with a yes. */
export function readPosted(miner: SimulatedMiner, posted: Row): Verdict {
  const now = miner.settings
  const next = { ...now }
  const { pools, cooling, overclock } = object(posted.miner)
  if (pools !== undefined) {
    const read = readPools(pools)
    if (read === null) return { refused: "Invalid pools" }
    next.pools = read
  }
  if (cooling !== undefined) {
    const { name, param } = object(object(cooling).mode)
    if (name === "manual" && !(typeof param === "number" && param >= traits(miner).minFanPwm && param <= 100))
      return { refused: "Invalid fan speed" }
    next.fanManual = name === "manual"
    next.immersion = name === "immers"
    if (name === "manual") next.fanPwm = param as number
  }
  if (overclock !== undefined) {
    const { preset, globals } = object(overclock)
    const { freq, volt } = object(globals)
    if (preset !== undefined) {
      const known = preset === "disabled" || presetWatts(miner).map(String).includes(String(preset))
      if (!known && traits(miner).strictPresets) return { refused: "Preset not found" }
      if (known) next.powerLimitW = preset === "disabled" ? null : Number(preset)
    }
    if (typeof freq === "number") {
      if (freq < 100 || freq > 800) return { refused: "Invalid frequency" }
      next.frequencyPercent = (freq / miner.profile.frequencyMhz) * 100
    }
    if (typeof volt === "number") next.voltageMv = volt
  }
  const changed = (Object.keys(next) as (keyof MinerSettings)[]).filter(
    (name) => JSON.stringify(next[name]) !== JSON.stringify(now[name]),
  )
  const restart = changed.some((name) =>
    ["pools", "powerLimitW", "frequencyPercent", "voltageMv"].includes(name),
  )
  return { settings: next, changed, restart }
}

function readPools(value: unknown): MinerSettings["pools"] | null {
  if (!Array.isArray(value) || value.length === 0 || value.length > 3) return null
  const pools = [...(value as Row[])].sort((one, other) => Number(one.order ?? 0) - Number(other.order ?? 0))
  const read = pools.map(({ url, user, pass }) => ({ url, user, pass }))
  return read.every((pool) => Object.values(pool).every((each) => typeof each === "string")) &&
    read[0]!.url !== ""
    ? (read as MinerSettings["pools"])
    : null
}

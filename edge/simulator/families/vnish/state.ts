import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import type { VnishTraits } from "./profiles.ts"

export const traits = (miner: SimulatedMiner) => miner.profile as Machine & VnishTraits
/** In the machine's memory: it was paused, not stopped. */
export const PAUSED = "vnish.paused"

/** What `miner_state` says now. */
export function minerState(miner: SimulatedMiner): string {
  if (miner.sleeping) return miner.memory.has(PAUSED) ? "paused" : "stopped"
  const state = miner.state()
  if (state === "reloading" || state === "booting") return "initializing"
  if (state === "not-hashing") return "failure"
  return state === "warming" ? "auto-tuning" : "mining"
}

/** Watts of the presets, from 60 % to 115 % of the nameplate. */
export function presetWatts(miner: SimulatedMiner): number[] {
  const { powerW } = miner.profile
  return [0.6, 0.7, 0.8, 0.9, 1, 1.15].map((share) => Math.round((powerW * share) / 100) * 100)
}

/** `disabled`, or the watts that it is named by. */
export function presetName(miner: SimulatedMiner): string {
  const { powerLimitW } = miner.settings
  return powerLimitW === null ? "disabled" : String(powerLimitW)
}

export function globals(miner: SimulatedMiner): { freq: number; volt: number } {
  const { frequencyPercent, voltageMv } = miner.settings
  return {
    freq: Math.round((miner.profile.frequencyMhz * frequencyPercent) / 100),
    volt: voltageMv ?? 1350,
  }
}

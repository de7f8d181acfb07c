import type { SimulatedMiner } from "./miner.ts"
import { unit } from "./random.ts"

const LOW_POWER_LOAD = 0.78
const DROPPED_LOAD = 0.55
const HOT_EXTRA_C = 31

/** What the power mode leaves of the nominal rate. */
export function modeLoad(miner: SimulatedMiner): number {
  return miner.settings.mode === 3 ? LOW_POWER_LOAD : 1
}

/** Share of the nominal rate that the machine works at when it is warm. */
export function loadOf(miner: SimulatedMiner): number {
  if (miner.sleeping || miner.stuck) return 0
  const dead = miner.deadBoard()
  let load = (miner.settings.frequencyPercent / 100) * modeLoad(miner)
  if (miner.hasFault("hashrate-drop")) load *= DROPPED_LOAD
  if (dead !== null) load *= 1 - miner.boardWeight(dead)
  return load
}

/** How far above the inlet the hottest chip ends up. */
export function targetRiseC(miner: SimulatedMiner): number {
  if (miner.sleeping || miner.stuck) return 2
  const { profile, settings } = miner
  const load = loadOf(miner)
  const boardLoad = miner.deadBoard() === null ? load : load * (profile.boards / (profile.boards - 1))
  const draught = settings.fanManual ? 1 + (60 - settings.fanPwm) / 100 : 1
  const hot = miner.hasFault("hot") ? HOT_EXTRA_C : 0
  return profile.riseC * boardLoad ** 0.9 * draught * (1 + (unit(miner.seed, 14) - 0.5) * 0.08) + hot
}

import type { SimulatedMiner } from "./miner.ts"
import { unit } from "./random.ts"

const LOW_POWER_LOAD = 0.78
const DROPPED_LOAD = 0.55
const HOT_EXTRA_C = 31
/** Without its first fan a machine is over 95 °C at full load, and still over 85 °C at low power. */
const FAN_FAILURE_RISE = 1.75

const HIGH_POWER_LOAD = 1.12

/** What the power mode and the power limit leave of the nominal rate. */
export function modeLoad(miner: SimulatedMiner): number {
  const { mode, powerLimitW } = miner.settings
  const load = mode === 3 ? LOW_POWER_LOAD : mode === 2 ? HIGH_POWER_LOAD : 1
  return powerLimitW === null ? load : Math.min(load, powerLimitW / miner.profile.powerW)
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
  const still = miner.hasFault("fan-failure")
  // The other fans cannot make up for the one that stands still.
  const draught = settings.fanManual && !still ? 1 + (60 - settings.fanPwm) / 100 : 1
  const hot = miner.hasFault("hot") ? HOT_EXTRA_C : 0
  const stillFan = still ? FAN_FAILURE_RISE : 1
  return (
    profile.riseC * boardLoad ** 0.9 * draught * stillFan * (1 + (unit(miner.seed, 14) - 0.5) * 0.08) + hot
  )
}

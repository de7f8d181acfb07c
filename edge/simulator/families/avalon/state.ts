import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import type { AvalonTraits } from "./profiles.ts"

export const traitsOf = (miner: SimulatedMiner) => miner.profile as Machine & AvalonTraits

/** What the machine's own clock says, seconds. */
export const deviceTimeS = (miner: SimulatedMiner): number =>
  Math.max(1, Math.floor(miner.nowS() + traitsOf(miner).clockSkewS))

export const serialOf = (miner: SimulatedMiner): string =>
  `020100${miner.seed.toString(16).padStart(10, "0").slice(-10)}`

/** The settings' modes (0 normal, 2 high, 3 low) as home models and the A-series number theirs. */
const HOME_MODES = [3, 0, 2]
const A_MODES = [0, 2]
const modes = (miner: SimulatedMiner) => (traitsOf(miner).dialect === "home" ? HOME_MODES : A_MODES)

/** A machine that sleeps keeps the mode that it worked in. */
const KEPT_MODE = "avalon kept mode"
const awakeMode = (miner: SimulatedMiner): number => {
  const kept = miner.memory.get(KEPT_MODE)
  return miner.sleeping ? (typeof kept === "number" ? kept : 0) : miner.settings.mode
}

export const workMode = (miner: SimulatedMiner): number => Math.max(0, modes(miner).indexOf(awakeMode(miner)))

/** False when the machine has no such mode. */
export function setWorkMode(miner: SimulatedMiner, number: number): boolean {
  const mode = modes(miner)[number]
  if (mode === undefined) return false
  if (miner.sleeping) miner.memory.set(KEPT_MODE, mode)
  else miner.adjust({ ...miner.settings, mode })
  return true
}

export function sleep(miner: SimulatedMiner): void {
  if (miner.sleeping) return
  miner.memory.set(KEPT_MODE, miner.settings.mode)
  miner.adjust({ ...miner.settings, mode: 1 })
}

export function wake(miner: SimulatedMiner): void {
  if (miner.sleeping) miner.adjust({ ...miner.settings, mode: awakeMode(miner) })
}

const scheduleKey = (off: boolean) => `avalon ${off ? "off" : "on"} at`
export const scheduledS = (miner: SimulatedMiner, off: boolean): number =>
  Number(miner.memory.get(scheduleKey(off)) ?? 0)

/** Sleeps or wakes when its own clock says so; a time that has passed is done at once. */
export function schedule(miner: SimulatedMiner, off: boolean, atS: number): void {
  miner.memory.set(scheduleKey(off), atS)
  const inMs = Math.max(0, (atS - deviceTimeS(miner)) * 1000)
  miner.clock.after(inMs, () => {
    if (scheduledS(miner, off) === atS) (off ? sleep : wake)(miner)
  })
}

/** Pools that were written and wait for a restart. */
const WRITTEN_POOLS = "avalon written pools"
export type WrittenPools = SimulatedMiner["settings"]["pools"]
export const writtenPools = (miner: SimulatedMiner): WrittenPools | null =>
  (miner.memory.get(WRITTEN_POOLS) as WrittenPools | undefined) ?? null
export const writePools = (miner: SimulatedMiner, pools: WrittenPools) =>
  miner.memory.set(WRITTEN_POOLS, pools)

/** Before a restart of whatever kind. */
export function takePoolsOver(miner: SimulatedMiner): void {
  const pools = writtenPools(miner)
  miner.memory.delete(WRITTEN_POOLS)
  if (pools !== null) miner.settings = { ...miner.settings, pools }
}

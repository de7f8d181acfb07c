import type { SimulatedMiner } from "../../miner.ts"
import type { MinerSettings, PoolSetting } from "../../miner-settings.ts"
import { keepMode, MODES, type ModeName, modeName } from "./mode.ts"
import { nameplateW } from "./rows.ts"

/** What a write does to the machine, whichever dialect asked for it; `null`: the value is refused. */
export type Change = { after?: () => void } | null

const PAUSED = 1

function log(miner: SimulatedMiner, command: string, detail: Record<string, unknown>): void {
  miner.act("conf", { command, changed: Object.keys(detail), ...detail })
}

export function pause(miner: SimulatedMiner, command: string): Change {
  log(miner, command, { mode: PAUSED })
  if (!miner.sleeping) keepMode(miner, miner.settings.mode)
  return { after: () => miner.adjust({ ...miner.settings, mode: PAUSED }) }
}

export function resume(miner: SimulatedMiner, command: string): Change {
  const mode = MODES[modeName(miner)]
  log(miner, command, { mode })
  return { after: () => miner.adjust({ ...miner.settings, mode }) }
}

/** A paused machine goes on to pause, and takes the mode up when it is resumed. */
export function setMode(miner: SimulatedMiner, command: string, name: unknown): Change {
  if (typeof name !== "string" || !Object.hasOwn(MODES, name)) return null
  const mode = MODES[name as ModeName]
  log(miner, command, { mode })
  if (!miner.sleeping) return { after: () => miner.applySettings({ ...miner.settings, mode }) }
  keepMode(miner, mode)
  return {}
}

export function limitPower(miner: SimulatedMiner, command: string, watts: unknown): Change {
  const powerLimitW = Number(watts)
  if (!Number.isInteger(powerLimitW) || powerLimitW < 100 || powerLimitW > nameplateW(miner)) return null
  log(miner, command, { powerLimitW })
  return { after: () => miner.applySettings({ ...miner.settings, powerLimitW }) }
}

export function offsetFrequency(miner: SimulatedMiner, command: string, percent: unknown): Change {
  const offset = Number(percent)
  if (!Number.isInteger(offset) || offset <= -100 || offset > 100) return null
  log(miner, command, { frequencyPercent: 100 + offset })
  return { after: () => miner.adjust({ ...miner.settings, frequencyPercent: 100 + offset }) }
}

export function letFansStop(miner: SimulatedMiner, command: string, flag: unknown): Change {
  if (!["0", "1"].includes(String(flag))) return null
  const immersion = String(flag) === "1"
  log(miner, command, { immersion })
  return { after: () => miner.adjust({ ...miner.settings, immersion }) }
}

export function setPools(miner: SimulatedMiner, command: string, pools: readonly PoolSetting[]): Change {
  const used = pools.filter((pool) => pool.url !== "")
  if (used.length === 0 || used.length > 3) return null
  if (used.some(({ url }) => !/^stratum2?\+(tcp|ssl|tls):\/\/[^\s/]+:\d+(\/\w+)?$/.test(url))) return null
  log(miner, command, { pools: used.map(({ url, user }) => ({ url, user })) })
  const settings: MinerSettings = { ...miner.settings, pools: used.map((pool) => ({ ...pool })) }
  return { after: () => miner.adjust(settings) }
}

export function setLight(miner: SimulatedMiner, on: boolean): Change {
  miner.act("blink", { on })
  miner.blinking = on
  return {}
}

export function reboot(miner: SimulatedMiner, hard: boolean, command: string): Change {
  miner.act(hard ? "reboot-hard" : "reboot-soft", { via: command })
  return { after: () => (hard ? miner.rebootHard() : miner.restartMining()) }
}

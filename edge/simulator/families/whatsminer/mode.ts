import type { SimulatedMiner } from "../../miner.ts"

/** The power modes, by the numbers that a simulated machine keeps them in. */
export const MODES = { low: 3, normal: 0, high: 2 } as const
export type ModeName = keyof typeof MODES
/** The mode that a paused machine goes on with. */
const KEPT = "whatsminer mode"

export function keepMode(miner: SimulatedMiner, mode: number): void {
  miner.memory.set(KEPT, mode)
}

export function modeName(miner: SimulatedMiner): ModeName {
  const mode = miner.sleeping ? ((miner.memory.get(KEPT) as number | undefined) ?? 0) : miner.settings.mode
  return (Object.keys(MODES) as ModeName[]).find((name) => MODES[name] === mode) ?? "normal"
}

import { WAVES_ABOVE_TARGETS } from "#server/contract/commands.ts"

/**
 * How many machines go at once: what the request says, else the site's share of its active machines
 * (`decisions.md` 18). A command over ten machines or fewer is one wave.
 */
export function planWaves(input: {
  runnable: number
  requestedSize: number | null
  activeMachines: number
  wavePercent: number
}): { count: number; size: number } {
  const { runnable } = input
  if (runnable <= WAVES_ABOVE_TARGETS) return { count: runnable > 0 ? 1 : 0, size: Math.max(1, runnable) }
  const size = waveSizeOf(input)
  return { count: Math.ceil(runnable / size), size: Math.min(size, runnable) }
}

export function waveSizeOf(input: {
  requestedSize: number | null
  activeMachines: number
  wavePercent: number
}): number {
  return Math.max(1, input.requestedSize ?? Math.ceil((input.activeMachines * input.wavePercent) / 100))
}

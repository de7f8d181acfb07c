import { vi } from "vitest"

const STEP_MS = 100
const EVERY_MS = 5

/**
 * From now on timers and clocks of this process run about twenty times as fast, in small steps; sockets keep their own
 * pace. For tests of a whole collector, whose rhythms are seconds long. Returns what ends it.
 */
export function startFastTime(): () => void {
  const pump = setInterval(() => vi.advanceTimersByTime(STEP_MS), EVERY_MS)
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
  })
  return () => {
    vi.useRealTimers()
    clearInterval(pump)
  }
}

import type { HeatReading } from "./decide.ts"
import type { Intent, MachineState } from "./machine-state.ts"

/** What an interrupted act changed shows by then, if it was heard: machines reload for up to three minutes. */
const SETTLES_MS = 180_000

/**
 * What became of an act whose end nobody saw, by what the machine shows now. `untold`: it took long enough, and this
 * machine does not show it. Null: too early. Pure.
 */
export function effectOf(
  state: MachineState,
  intent: Intent,
  reading: HeatReading,
): "yes" | "no" | "untold" | null {
  const shows = showsIt(state, intent, reading)
  if (shows === true) return "yes"
  if (reading.atMs - intent.startedMs < SETTLES_MS) return null
  return shows === false ? "no" : "untold"
}

/** Null: the machine does not tell. */
function showsIt(state: MachineState, { move, action, before }: Intent, now: HeatReading): boolean | null {
  const stands = now.mining === false
  switch (action) {
    case "fan_up":
      return null
    case "eco":
      if (now.powerMode === null) return null
      return move === "step" ? now.powerMode === "eco" : now.powerMode === (before.powerMode ?? "normal")
    case "sleep":
    case "off": {
      const asleep =
        now.powerMode === null ? (now.mining === null ? null : stands) : now.powerMode === "sleep"
      if (asleep === null) return null
      const off = action === "off" ? asleep || stands : asleep
      if (move === "step") return off
      const low = action === "sleep" && state.done.some((done) => done.action === "eco")
      return !asleep && (!low || now.powerMode === null || now.powerMode === "eco")
    }
  }
}

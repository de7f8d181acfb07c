import type { MoveEnd } from "./conclude.ts"
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
function showsIt(state: MachineState, { move, action }: Intent, now: HeatReading): boolean | null {
  const stands = now.mining === false
  const before = state.done.findLast((done) => done.action === action)?.before.powerMode
  switch (action) {
    case "fan_up":
      return null
    case "eco":
      if (now.powerMode === null) return null
      return move === "step" ? now.powerMode === "eco" : now.powerMode === (before ?? "normal")
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

/** The end of an act that nobody saw end, as far as readings tell; null: nothing yet. */
export function foundOut(state: MachineState, reading: HeatReading): MoveEnd | null {
  if (state.intent === null) return null
  const effect = effectOf(state, state.intent, reading)
  if (effect === null) return null
  const { before, move } = state.intent
  const done = (message: string): MoveEnd => ({ end: "done", message, already: false, before })
  if (effect === "yes") return done("nobody saw the request end, and the machine shows it.")
  if (effect === "no" || move === "undo")
    return { end: "failed", message: "nobody saw the request end, and the machine shows nothing of it." }
  return done("nobody saw the request end, and the machine does not tell: it counts as done.")
}

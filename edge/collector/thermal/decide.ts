import {
  type HeatLimits,
  judgeHeat,
  nextThermalAction,
  type ThermalAction,
} from "#server/contract/thermal.ts"
import { degrees, threshold } from "./event-words.ts"
import { type EventDraft, isResting, type MachineState, type Turn } from "./machine-state.ts"

/** One reading, as the guard sees it. */
export type HeatReading = {
  atMs: number
  /** Null: not told. */
  tempC: number | null
  mining: boolean | null
  powerMode: string | null
  stoppedFan: boolean
  hasFans: boolean
}
export type Rules = {
  armed: boolean
  limits: HeatLimits
  /** Those that may be taken, in their order. */
  actions: readonly ThermalAction[]
  coolDownMs: Record<ThermalAction, number>
}
/** What should be done to a machine now. `tempC`: the hotter, the sooner; undoing comes after every step. */
export type Want =
  | { move: "step"; action: ThermalAction; tempC: number; thresholdC: number }
  | { move: "undo"; action: ThermalAction; tempC: number | null }

const BLIND_READINGS = 3
const UNDO_WAIT_MAX_MS = 2 * 3_600_000
/** Heat that comes back within this after undoing is a relapse. */
const LASTS_AT_LEAST_MS = 15 * 60_000

/** How long the last change has to have stood before the newest step is undone: its cool-down, doubled by each relapse, two hours at most. */
export function undoWaitMs(state: MachineState, rules: Rules): number {
  const newest = state.done.at(-1)
  if (newest === undefined) return 0
  const coolDownMs = rules.coolDownMs[newest.action]
  return Math.max(coolDownMs, Math.min(coolDownMs * 2 ** Math.min(state.relapses, 20), UNDO_WAIT_MAX_MS))
}

/** Whether what was undone last has stood long enough to call it mended. */
function lasted(state: MachineState, rules: Rules, nowMs: number): boolean {
  const waits = rules.actions.map((action) => rules.coolDownMs[action])
  return nowMs - (state.undoneMs ?? nowMs) > Math.max(LASTS_AT_LEAST_MS, 2 * Math.max(0, ...waits))
}

/**
 * What a reading means for a machine: its state afterwards, what to tell, and what to do. Pure. Wants nothing while an
 * act is under way, while the site is not armed, and, with the one exception of waking what the guard itself put to
 * sleep and that tells no temperature until it wakes, while no temperature is told.
 */
export function decide(
  before: MachineState,
  rules: Rules,
  reading: HeatReading,
): Turn & { want: Want | null } {
  const state = structuredClone(before)
  const events: EventDraft[] = []
  const tell = (
    kind: EventDraft["kind"],
    thresholdC: number | null,
    message: string,
    action: ThermalAction | null = null,
  ) => events.push({ kind, action, temperature_c: reading.tempC, threshold_c: thresholdC, message })
  const { limits } = rules
  const { level, danger } = judgeHeat(reading.tempC, reading.stoppedFan, limits)
  const nothing = () => ({ state, events, want: null })

  lookAtTemperature()
  if (!rules.armed) {
    if (state.done.length > 0 && state.intent === null) {
      const left = state.done.map((step) => step.action).join(", ")
      tell("released", null, `The guard was disarmed: it lets go and leaves the machine as it is (${left}).`)
      letGo(state)
    }
    return nothing()
  }
  if (state.intent !== null) return nothing()
  state.passed = state.passed.filter(({ untilMs }) => untilMs === null || untilMs > reading.atMs)
  if (danger) return { state, events, want: step() }
  return { state, events, want: undo() }

  function lookAtTemperature(): void {
    if (reading.tempC === null) {
      const asleep = reading.mining === false && reading.powerMode === "sleep"
      state.blindReadings = asleep || isResting(state, reading) ? 0 : state.blindReadings + 1
      if (state.blindReadings >= BLIND_READINGS && !state.blindTold) {
        state.blindTold = true
        tell("unreadable", null, "The machine tells no temperature: the guard cannot protect it.")
      }
      return
    }
    state.tempC = reading.tempC
    state.blindReadings = 0
    state.blindTold = false
    const now = level === "critical" ? 2 : level === "warning" || reading.stoppedFan ? 1 : 0
    if (now !== 0 && now > state.told) {
      tell("warning", threshold(level, limits), warningWords(now))
      state.told = now
    }
    if (now === 0 && state.told > 0 && reading.tempC <= limits.resumeC && state.done.length === 0) {
      if (state.intent !== null) return
      state.told = 0
      state.exhaustedTold = false
      state.passed = []
      state.sent = []
      state.failures = 0
      state.notBeforeMs = 0
      tell("cleared", limits.resumeC, `${degrees(reading.tempC)}: cool again.`)
    }
    if (now === 0 && state.done.length === 0 && lasted(state, rules, reading.atMs)) {
      state.undoneMs = null
      state.relapses = 0
      state.actedMs = null
      state.changedMs = null
    }
  }

  function warningWords(now: 1 | 2): string {
    const what = reading.stoppedFan ? "a fan stands still" : null
    const over =
      level === "normal"
        ? null
        : `${degrees(reading.tempC)}, ${now === 2 ? "critical" : "warning"} from ${degrees(threshold(level, limits))} on`
    const unarmed = rules.armed || (now < 2 && !danger) ? null : "the guard is not armed and does nothing"
    const words = [over, what, unarmed].filter((part) => part !== null).join("; ")
    return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
  }

  function step(): Want | null {
    if (state.undoneMs !== null) {
      // It did not last, be it the whole way or a part of it.
      state.relapses = lasted(state, rules, reading.atMs) ? 0 : state.relapses + 1
      state.undoneMs = null
    }
    const coolsDown =
      state.done.length > 0 && state.actedMs !== null && reading.atMs < state.actedMs + state.coolDownMs
    if (coolsDown || reading.atMs < state.notBeforeMs) return null
    const passed = (action: ThermalAction) =>
      state.done.some((done) => done.action === action) || state.passed.some((each) => each.action === action)
    const action = nextThermalAction(rules.actions, reading, passed)
    if (action !== null) {
      state.exhaustedTold = false
      const tempC = reading.tempC as number
      return { move: "step", action, tempC, thresholdC: threshold(level, limits) as number }
    }
    if (!state.exhaustedTold) {
      state.exhaustedTold = true
      const taken = state.done.map((done) => done.action).join(", ") || "none was possible"
      tell(
        "warning",
        threshold(level, limits),
        `${degrees(reading.tempC)} and no step is left (taken: ${taken}).`,
      )
    }
    return null
  }

  function undo(): Want | null {
    const newest = state.done.at(-1)
    if (newest === undefined) return null
    const cool = reading.tempC !== null && reading.tempC <= limits.resumeC && !reading.stoppedFan
    const stands = isResting(state, reading) || (state.offByPerson && reading.mining === false)
    const rested = reading.tempC === null && stands
    if (!cool && !rested) return null
    if (reading.atMs < Math.max(state.notBeforeMs, (state.changedMs ?? 0) + undoWaitMs(state, rules)))
      return null
    if (!state.offByPerson) return { move: "undo", action: newest.action, tempC: reading.tempC }
    state.done = state.done.filter((done) => done.action === "fan_up")
    if (state.done.length > 0) return { move: "undo", action: "fan_up", tempC: reading.tempC }
    tell("released", null, "Cool again. Somebody switched the machine off meanwhile: it is left as it is.")
    letGo(state)
    return null
  }
}

/** The hold ends; what was changed stays. */
export function letGo(state: MachineState): void {
  state.done = []
  state.passed = []
  state.sent = []
  state.failures = 0
  state.notBeforeMs = 0
  state.actedMs = null
  state.changedMs = null
  state.undoneMs = null
  state.relapses = 0
  state.heldSinceMs = null
  state.heldTempC = null
  state.heldThresholdC = null
  state.offByPerson = false
  state.exhaustedTold = false
}

/**
 * When something that waited for time alone can be decided, ms. The guard asks the machine then instead of waiting for
 * its turn.
 */
export function lookTimesMs(state: MachineState, rules: Rules): number[] {
  if (!rules.armed || state.intent !== null) return []
  const retry = state.failures > 0 ? [state.notBeforeMs] : []
  if (state.done.length === 0) return retry
  const escalate = state.actedMs === null ? [] : [state.actedMs + state.coolDownMs]
  return [...retry, ...escalate, (state.changedMs ?? 0) + undoWaitMs(state, rules)]
}

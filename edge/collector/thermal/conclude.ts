import type { ThermalAction } from "#server/contract/thermal.ts"
import type { Rules, Want } from "./decide.ts"
import { ACTION_WORDS, UNDO_WORDS } from "./event-words.ts"
import {
  type Before,
  type EventDraft,
  type Intent,
  type MachineState,
  RETRY_MAX_MS,
  type Turn,
} from "./machine-state.ts"

/** How a move ended. `refused`: this unit cannot do it. `failed`: it did not happen. */
export type MoveEnd =
  | { end: "done"; message: string; before: Before; already: boolean }
  | { end: "refused"; message: string }
  | { end: "failed"; message: string }

const TRIES = 3
const RETRY_MS = 15_000
/** A step that failed so often is tried again after this, should the machine still be too hot. */
const PASS_FAILED_MS = 15 * 60_000

/** The act is about to begin; on disk before its first byte. */
export function begin(
  before: MachineState,
  input: { id: string; want: Want; nowMs: number; was: Before },
): MachineState {
  const state = structuredClone(before)
  const { want } = input
  state.intent = {
    id: input.id,
    move: want.move,
    action: want.action,
    startedMs: input.nowMs,
    before: input.was,
    again: want.move === "step" && state.sent.includes(want.action),
  }
  if (want.move === "step") {
    state.sent = [...new Set([...state.sent, want.action])]
    if (state.done.length === 0) {
      state.heldSinceMs = input.nowMs
      state.heldTempC = want.tempC
      state.heldThresholdC = want.thresholdC
    }
  }
  return state
}

/** The move ended, begun or not: what holds now, and what to tell. Pure. */
export function conclude(
  before: MachineState,
  rules: Rules,
  move: Pick<Intent, "move" | "action" | "again">,
  how: MoveEnd,
  nowMs: number,
): Turn {
  const state = structuredClone(before)
  const events: EventDraft[] = []
  const tell = (kind: EventDraft["kind"], message: string) =>
    events.push({
      kind,
      action: move.action,
      temperature_c: state.tempC,
      threshold_c: move.move === "undo" ? rules.limits.resumeC : (state.heldThresholdC ?? null),
      message: message.slice(0, 1_000),
    })
  state.intent = null
  if (move.move === "step") step()
  else undo()
  if (state.done.length === 0) {
    state.heldSinceMs = null
    state.heldTempC = null
    state.heldThresholdC = null
    state.offByPerson = false
  }
  return { state, events }

  function step(): void {
    const { action } = move
    const name = capital(ACTION_WORDS[action])
    if (how.end === "failed") {
      fail(`${name} failed: ${how.message}`)
      return
    }
    // What the machine was set to before the guard came is nothing to undo.
    if (how.end === "refused" || (how.already && !move.again)) {
      tell("skipped", `${name} skipped: ${how.message}`)
      state.failures = 0
      passBy(action, null)
      return
    }
    const first = state.done.length === 0
    state.done.push({ action, before: how.before })
    state.actedMs = nowMs
    state.changedMs = nowMs
    state.coolDownMs = rules.coolDownMs[action]
    state.failures = 0
    state.notBeforeMs = 0
    tell("action", `${name}: ${how.message}`)
    if (first)
      events.push({
        kind: "held",
        action: null,
        temperature_c: state.heldTempC,
        threshold_c: state.heldThresholdC,
        message: "The guard holds the machine: commands wait until it is cool.",
      })
  }

  function undo(): void {
    const name = capital(UNDO_WORDS[move.action])
    if (how.end === "failed") {
      fail(`Undoing failed: ${how.message}`)
      return
    }
    const undone = undoneWith(state, move.action)
    state.done = state.done.slice(0, state.done.length - undone)
    state.changedMs = nowMs
    state.undoneMs = nowMs
    state.failures = 0
    state.notBeforeMs = 0
    const rest = state.done.map((each) => ACTION_WORDS[each.action]).join(", ")
    const left = rest === "" ? "The machine is as it was." : `Still: ${rest}.`
    if (how.end === "refused") tell("released", `${name} is not possible: ${how.message} ${left}`)
    else tell("resumed", `${name}: ${how.message} ${left}`)
  }

  function fail(message: string): void {
    state.failures += 1
    state.notBeforeMs = nowMs + Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** (state.failures - 1))
    // Told once, and again when it is given up for now: a machine that is away must not fill the list.
    if (state.failures === 1 || state.failures % TRIES === 0) tell("failed", message)
    if (move.move === "step" && state.failures >= TRIES) {
      passBy(move.action, nowMs + PASS_FAILED_MS)
      state.failures = 0
      state.notBeforeMs = 0
    }
  }
  function passBy(action: ThermalAction, untilMs: number | null): void {
    state.passed = [...state.passed.filter((each) => each.action !== action), { action, untilMs }]
  }
}

/** How many of the newest steps one undoing takes back: sleep under off goes with it, since both mean that it stands. */
export function undoneWith(state: MachineState, action: ThermalAction): number {
  return action === "off" && state.done.at(-2)?.action === "sleep" ? 2 : 1
}

/**
 * Somebody switched a held machine off, which is always allowed. It stays off when it is cool: of what the guard did only
 * the fans are taken back.
 */
export function switchedOff(before: MachineState): MachineState {
  return before.done.length === 0 && before.intent === null ? before : { ...before, offByPerson: true }
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

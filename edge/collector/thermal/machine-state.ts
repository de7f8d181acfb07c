import { isStopping, type ThermalAction, type ThermalEvent } from "#server/contract/thermal.ts"

/** The longest wait after failures. */
export const RETRY_MAX_MS = 5 * 60_000

/**
 * What the guard remembers of one machine; kept on disk, so that a restart changes nothing.
 *
 *   normal ──at or over the warning, or a fan stands──▶ warned ──danger, armed──▶ acting ──the step is taken──▶ held
 *     ▲                                                  │  ▲                       ▲                             │
 *     └────────────── at or under resume ────────────────┘  └── nothing to undo     └── danger after cool-down,   │
 *                                                               any more ◀── acting ◀── cool, or asleep ◀─────────┘
 *
 * acting: `intent` is set. It is on disk before the first byte of the act and goes with its outcome. One that a crash left
 * behind, or whose outcome nobody saw, is never sent again: readings tell what became of it.
 */
export type MachineState = {
  minerId: string
  /** What was told of this episode: 0 nothing, 1 warning, 2 critical. */
  told: 0 | 1 | 2
  /** Readings in a row without a temperature, and whether that was told. */
  blindReadings: number
  blindTold: boolean
  /** That no step is left was told. */
  exhaustedTold: boolean
  /** Steps that hold now, in the order in which they were taken. */
  done: DoneStep[]
  /** Steps that cannot be taken, until then; null: while this episode lasts. */
  passed: { action: ThermalAction; untilMs: number | null }[]
  /** Steps whose act went out in this episode, whatever became of it: what reads as "already so" afterwards is ours. */
  sent: ThermalAction[]
  intent: Intent | null
  /** Failures of the next move in a row; nothing is tried before `notBeforeMs`. */
  failures: number
  notBeforeMs: number
  /** When the last step was taken, and how long it cools down. */
  actedMs: number | null
  coolDownMs: number
  /** When something was last changed, by a step or by undoing one. */
  changedMs: number | null
  /** When a step was last undone, until that did not last. */
  undoneMs: number | null
  /** How often undoing did not last: each doubles the wait before the next one. */
  relapses: number
  heldSinceMs: number | null
  heldTempC: number | null
  heldThresholdC: number | null
  /** Somebody switched the machine off while it was held: it is not woken. */
  offByPerson: boolean
  /** Of the last reading that told one. */
  tempC: number | null
}
/** `before`: what the machine was set to, as far as it told. */
export type DoneStep = { action: ThermalAction; before: Before }
export type Before = {
  powerMode: "eco" | "normal" | "high" | "sleep" | null
  fan: { mode: "auto" | "manual" | "immersion"; speedPct: number | null } | null
}
export type Intent = {
  id: string
  /** `undo`: of the newest step that holds. */
  move: "step" | "undo"
  action: ThermalAction
  startedMs: number
  before: Before
  /** The same step went out before in this episode. */
  again: boolean
}

export type Phase = "normal" | "warned" | "acting" | "held"
export function phaseOf(state: MachineState): Phase {
  if (state.intent !== null) return "acting"
  if (state.done.length > 0) return "held"
  return state.told > 0 || state.blindTold ? "warned" : "normal"
}

export function freshState(minerId: string): MachineState {
  return {
    minerId,
    told: 0,
    blindReadings: 0,
    blindTold: false,
    exhaustedTold: false,
    done: [],
    passed: [],
    sent: [],
    intent: null,
    failures: 0,
    notBeforeMs: 0,
    actedMs: null,
    coolDownMs: 0,
    changedMs: null,
    undoneMs: null,
    relapses: 0,
    heldSinceMs: null,
    heldTempC: null,
    heldThresholdC: null,
    offByPerson: false,
    tempC: null,
  }
}

/** The guard put it to sleep and it says so itself: it makes no heat, whether or not it tells a temperature meanwhile. */
export function isResting(
  state: MachineState,
  { mining, powerMode }: { mining: boolean | null; powerMode: string | null },
): boolean {
  const stopped = state.done.some((step) => isStopping(step.action))
  return stopped && mining === false && (powerMode === "sleep" || powerMode === null)
}

/** An event before it has an id and a time. */
export type EventDraft = Omit<ThermalEvent, "event_id" | "at" | "miner_id">
export type Turn = { state: MachineState; events: EventDraft[] }

/** A clock that was set back must not make the guard wait for it to catch up. */
export function keepTime(state: MachineState, nowMs: number): MachineState {
  const past = (at: number | null) => (at !== null && at > nowMs ? nowMs : at)
  return {
    ...state,
    actedMs: past(state.actedMs),
    changedMs: past(state.changedMs),
    undoneMs: past(state.undoneMs),
    notBeforeMs: Math.min(state.notBeforeMs, nowMs + RETRY_MAX_MS),
    intent: state.intent && { ...state.intent, startedMs: Math.min(state.intent.startedMs, nowMs) },
  }
}

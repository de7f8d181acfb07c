import { randomUUID } from "node:crypto"
import type { TempLimits } from "#edge/drivers/driver.ts"
import type { CommandFeature } from "#server/contract/commands.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import type { ThermalEvent, ThermalHold, ThermalPolicy } from "#server/contract/thermal.ts"
import type { Log } from "#server/log.ts"
import type { EdgeClock } from "../clock.ts"
import type { LocateContext } from "../execute/locate.ts"
import { begin, conclude, type MoveEnd, switchedOff } from "./conclude.ts"
import { decide, type HeatReading, lookTimesMs, type Rules, type Want } from "./decide.ts"
import { foundOut } from "./effect.ts"
import { holdWords } from "./event-words.ts"
import { readingOf, rulesOf } from "./facts.ts"
import { type EventDraft, freshState, keepTime, type MachineState, phaseOf } from "./machine-state.ts"
import { beforeOf } from "./moves.ts"
import { performMove, prepareMove } from "./perform-move.ts"
import { budgetLeft, inOrder } from "./pick.ts"
import type { ThermalStore } from "./thermal-store.ts"

const TICK_MS = 500
const ACTS_AT_ONCE = 32
/** Nothing is done on a reading that is older than two turns of its machine, or this. */
const READING_COUNTS_MS = 30_000
/** A machine that did not answer is asked again after this. */
const LOOK_AGAIN_MS = 5_000
const LOOKS_AT_ONCE = 16
/** What a held machine may still be told by people: to be found, to be backed up, to be switched off. */
const EXEMPT: ReadonlySet<CommandFeature> = new Set(["LED", "BACKUP_CONFIG", "DISABLE", "POWER_MODE.sleep"])

export type ThermalGuard = {
  setPolicy: (policy: ThermalPolicy) => void
  /** Each sample of the poller; acts within a second when it shows a danger. */
  see: (sample: TelemetrySample) => void
  /** Why a command is refused, a whole sentence; null: the guard has nothing against it. */
  refusal: (minerId: string, feature: CommandFeature) => string | null
  /** A command acted on a machine, or may have. */
  commandActed: (minerId: string, feature: CommandFeature) => void
  holds: () => ThermalHold[]
  /** Begins nothing more and waits for what runs; what is not done by then is found out after the next start. */
  stop: (withinMs: number) => Promise<void>
}

/**
 * The thermal guard of a site's machines (`decisions.md` 30): `decide` says what a reading means, this file keeps it on
 * disk, in order and within the policy's pace, and lets the drivers do it. It needs no uplink and no kill switch stops it.
 */
export function startThermalGuard(options: {
  store: ThermalStore
  clock: Pick<EdgeClock, "nowMs" | "iso">
  log: Log
  locate: LocateContext
  siteLimits: () => TempLimits
  reserve: (minerId: string) => Promise<(() => void) | null>
  readNow: (minerId: string) => Promise<TelemetrySample | null>
  intervalMs: () => number
  /** A machine was acted on, or may have been. */
  onActed: (minerId: string, feature: CommandFeature) => void
  /** There are new events, or other holds. */
  onNews: () => void
}): ThermalGuard {
  const { store, clock, log } = options
  const stop = new AbortController()
  const cut = new AbortController()
  const states = new Map<string, MachineState>()
  const readings = new Map<string, HeatReading>()
  const wants = new Map<string, { want: Want; sinceMs: number }>()
  /** Machines whose move is being prepared or runs. */
  const moving = new Map<string, Promise<void>>()
  const inAct = new Set<string>()
  const asked = new Map<string, number>()
  let policy: ThermalPolicy | null = null
  for (const state of store.states()) states.set(state.minerId.toLowerCase(), state)

  const rulesFor = (minerId: string, of: ThermalPolicy): Rules =>
    rulesOf(of, options.locate.limits(minerId), options.siteLimits())
  const stateOf = (key: string, minerId: string) => states.get(key) ?? freshState(minerId)

  /** On disk, in memory, told: in this order. A machine that is simply well is forgotten. */
  const keep = (key: string, state: MachineState, drafts: readonly EventDraft[], begunMs?: number) => {
    const events = drafts.map(
      (draft): ThermalEvent => ({
        ...draft,
        event_id: randomUUID(),
        miner_id: state.minerId,
        at: clock.iso(),
      }),
    )
    const well = phaseOf(state) === "normal" && state.undoneMs === null && state.failures === 0
    const kept = well && state.passed.length === 0 && state.blindReadings === 0 ? null : state
    const before = states.get(key) ?? null
    if (kept === null) states.delete(key)
    else states.set(key, kept)
    if (events.length === 0 && begunMs === undefined && sameButHeat(before, kept)) return
    store.save(state.minerId, kept, events, begunMs)
    for (const event of events)
      log[event.kind === "cleared" ? "info" : "warn"](
        { miner_id: event.miner_id, kind: event.kind, action: event.action, temp_c: event.temperature_c },
        `thermal guard: ${event.message}`,
      )
    const heldBefore = (before?.done.length ?? 0) > 0
    if (events.length > 0 || heldBefore !== (kept?.done.length ?? 0) > 0) options.onNews()
  }

  const see = (sample: TelemetrySample): void => {
    if (policy === null || !sample.online || stop.signal.aborted) return
    const key = sample.miner_id.toLowerCase()
    judge(key, sample.miner_id, readingOf(sample, clock.nowMs()))
  }
  const judge = (key: string, minerId: string, reading: HeatReading): void => {
    if (policy === null) return
    const rules = rulesFor(minerId, policy)
    const known = states.get(key)
    const cool = reading.tempC !== null && reading.tempC < rules.limits.warningC && !reading.stoppedFan
    if (known === undefined && cool) {
      // Nearly every reading of a farm.
      readings.delete(key)
      wants.delete(key)
      return
    }
    readings.set(key, reading)
    // While an act is under way in this process its own end counts, not what it looks like meanwhile.
    if (inAct.has(key)) return
    let state = keepTime(known ?? freshState(minerId), reading.atMs)
    if (state.intent !== null) {
      const end = foundOut(state, reading)
      if (end !== null) {
        const turn = conclude(state, rules, state.intent, end, reading.atMs)
        keep(key, turn.state, turn.events)
        state = turn.state
      }
    }
    const turn = decide(state, rules, reading)
    keep(key, turn.state, turn.events)
    const waiting = wants.get(key)
    if (turn.want === null) wants.delete(key)
    else
      wants.set(key, {
        want: turn.want,
        sinceMs: waiting?.want.move === turn.want.move ? waiting.sinceMs : reading.atMs,
      })
  }

  const countsMs = () => Math.max(2 * options.intervalMs(), READING_COUNTS_MS)
  const beginMoves = (): void => {
    const now = clock.nowMs()
    for (const key of wants.keys()) if (now - (readings.get(key)?.atMs ?? 0) > countsMs()) wants.delete(key)
    const waiting = [...wants].filter(([key]) => !moving.has(key)).map(([key, each]) => ({ key, ...each }))
    // Those that are being prepared have not begun and have their place in the budget all the same.
    const preparing = moving.size - inAct.size
    const left = budgetLeft(store.begunMs(), policy?.max_actions_per_minute ?? 0, now) - preparing
    const places = Math.min(left, ACTS_AT_ONCE - moving.size)
    if (waiting.length === 0 || places <= 0) return
    for (const { key } of inOrder(waiting).slice(0, places)) {
      const done = move(key)
        .catch((error: unknown) => log.error({ err: error, miner_id: key }, "the thermal guard failed"))
        .then(() => {
          moving.delete(key)
        })
      moving.set(key, done)
    }
  }

  const move = async (key: string): Promise<void> => {
    const minerId = stateOf(key, options.locate.identities.byId(key)?.minerId ?? key).minerId
    const giveBack = await options.reserve(minerId)
    if (giveBack === null) return
    try {
      // What was wanted before the line was free may be wanted no more, or something else.
      const want = wants.get(key)?.want
      if (want === undefined || policy === null || stop.signal.aborted) return
      const ready = await prepareMove(options.locate, stateOf(key, minerId), want, stop.signal)
      const still = wants.get(key)?.want
      if (stop.signal.aborted || still?.move !== want.move || still.action !== want.action) return
      if ("end" in ready) {
        over(key, minerId, { ...want, again: false }, ready)
        const reading = readings.get(key)
        // The next step need not wait for the next reading.
        if (ready.end === "refused" && reading !== undefined) judge(key, minerId, reading)
        return
      }
      const now = clock.nowMs()
      if (policy === null || budgetLeft(store.begunMs(), policy.max_actions_per_minute, now) === 0) return
      const powerMode = readings.get(key)?.powerMode ?? null
      const was = beforeOf(powerMode, null)
      inAct.add(key)
      try {
        const state = begin(stateOf(key, minerId), { id: randomUUID(), want, nowMs: now, was })
        keep(key, state, [], now)
        wants.delete(key)
        const limits = options.locate.limits(minerId)
        const end = await performMove(ready, { limits, powerMode }, cut.signal)
        options.onActed(minerId, ready.feature)
        if (end !== null && state.intent !== null) over(key, minerId, state.intent, end)
      } finally {
        inAct.delete(key)
      }
    } finally {
      giveBack()
    }
  }
  const over = (key: string, minerId: string, what: Parameters<typeof conclude>[2], end: MoveEnd): void => {
    if (policy === null) return
    wants.delete(key)
    const turn = conclude(stateOf(key, minerId), rulesFor(minerId, policy), what, end, clock.nowMs())
    keep(key, turn.state, turn.events)
  }

  /** Machines for which only the time had to pass are asked now, not at their next turn. */
  const lookAgain = (): void => {
    if (policy === null) return
    const now = clock.nowMs()
    let places = LOOKS_AT_ONCE
    for (const [key, state] of states) {
      const last = readings.get(key)?.atMs ?? 0
      const due = lookTimesMs(state, rulesFor(state.minerId, policy)).some((at) => at > last && at <= now)
      if (!due || now - (asked.get(key) ?? 0) < LOOK_AGAIN_MS || moving.has(key)) continue
      if (places === 0) return
      places -= 1
      asked.set(key, now)
      options.readNow(state.minerId).catch((error: unknown) => log.error({ err: error }, "a look failed"))
    }
  }
  const tick = () => {
    beginMoves()
    lookAgain()
  }
  const timer = setInterval(tick, TICK_MS)

  return {
    setPolicy: (next) => {
      policy = next
    },
    see,
    refusal: (minerId, feature) => {
      const state = states.get(minerId.toLowerCase())
      if (state === undefined || EXEMPT.has(feature)) return null
      const phase = phaseOf(state)
      if (phase !== "acting" && (phase !== "held" || policy?.armed === false)) return null
      return holdWords({
        sinceMs: state.heldSinceMs ?? state.intent?.startedMs ?? clock.nowMs(),
        tempC: state.heldTempC,
        thresholdC: state.heldThresholdC,
        actions: state.done.map((done) => done.action),
      })
    },
    commandActed: (minerId, feature) => {
      const key = minerId.toLowerCase()
      const state = states.get(key)
      if (state === undefined || (feature !== "DISABLE" && feature !== "POWER_MODE.sleep")) return
      keep(key, switchedOff(state), [])
    },
    holds: () =>
      [...states.values()]
        .filter((state) => state.heldSinceMs !== null)
        .map((state) => ({
          miner_id: state.minerId,
          since: new Date(state.heldSinceMs as number).toISOString(),
          temperature_c: state.heldTempC,
          threshold_c: state.heldThresholdC,
          actions: state.done.map((done) => done.action),
        })),
    stop: async (withinMs) => {
      stop.abort()
      clearInterval(timer)
      const late = setTimeout(() => cut.abort(), withinMs)
      await Promise.all(moving.values())
      clearTimeout(late)
      cut.abort()
    },
  }
}

/** The temperature alone is no reason to write: after a start the next reading tells it. */
function sameButHeat(before: MachineState | null, after: MachineState | null): boolean {
  const bare = (state: MachineState | null) =>
    state === null ? null : JSON.stringify({ ...state, tempC: null, blindReadings: 0 })
  return bare(before) === bare(after)
}

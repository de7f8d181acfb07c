import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { THERMAL_ACTIONS, type ThermalAction } from "#server/contract/thermal.ts"
import { begin, conclude, type MoveEnd } from "./conclude.ts"
import { decide, type HeatReading, type Rules } from "./decide.ts"
import { foundOut } from "./effect.ts"
import { freshState, type MachineState } from "./machine-state.ts"
import { budgetLeft, inOrder, type Waiting } from "./pick.ts"

/**
 * Random lives of a small farm under the guard: machines that heat up and cool down, tell no temperature now and then,
 * refuse, lose answers, and a collector that dies in the middle of an act. Everything the guard does is checked against
 * the promises of C08.
 */
const STEP_S = 10
const SECONDS = 1000

type Life = {
  armed: boolean
  actions: ThermalAction[]
  maxPerMinute: number
  machines: {
    heatC: number
    fromTurn: number
    turns: number
    fan: boolean
    tells: boolean
  }[]
  /** What becomes of each act, in turn. */
  fates: ("done" | "failed" | "refused" | "lost" | "unheard" | "crash")[]
  blind: number[]
}
const lives = fc.record<Life>({
  armed: fc.boolean(),
  actions: fc.subarray([...THERMAL_ACTIONS]),
  maxPerMinute: fc.integer({ min: 1, max: 4 }),
  machines: fc.array(
    fc.record({
      heatC: fc.integer({ min: 0, max: 45 }),
      fromTurn: fc.integer({ min: 0, max: 40 }),
      turns: fc.integer({ min: 1, max: 120 }),
      fan: fc.boolean(),
      tells: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  fates: fc.array(fc.constantFrom("done", "done", "done", "failed", "refused", "lost", "unheard", "crash"), {
    maxLength: 12,
  }),
  blind: fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 20 }),
})

const COOL_DOWN_S: Record<ThermalAction, number> = { fan_up: 30, eco: 60, sleep: 120, off: 180 }

class Machine {
  mode: "normal" | "eco" | "sleep" = "normal"
  fansUp = false
  disabled = false
  tempC = 60
  readonly of: Life["machines"][number]
  constructor(of: Life["machines"][number]) {
    this.of = of
  }
  get stands() {
    return this.mode === "sleep" || this.disabled
  }
  hot(turn: number) {
    return turn >= this.of.fromTurn && turn < this.of.fromTurn + this.of.turns
  }
  warm(turn: number) {
    const base = this.stands ? 25 : this.mode === "eco" ? 55 : 65
    const heat = this.hot(turn) && !this.stands ? this.of.heatC - (this.fansUp ? 8 : 0) : 0
    this.tempC += (base + heat - this.tempC) * 0.4
  }
  reading(turn: number, blind: boolean): HeatReading {
    const silent = blind || (this.stands && !this.of.tells)
    return {
      atMs: turn * STEP_S * SECONDS,
      tempC: silent ? null : Math.round(this.tempC * 10) / 10,
      mining: !this.stands,
      powerMode: this.stands ? "sleep" : this.mode,
      stoppedFan: this.of.fan && this.hot(turn) && !this.stands,
      hasFans: true,
    }
  }
  apply(move: "step" | "undo", action: ThermalAction, state: MachineState) {
    const low = state.done.some((done) => done.action === "eco")
    if (move === "step") {
      if (action === "fan_up") this.fansUp = true
      if (action === "eco") this.mode = "eco"
      if (action === "sleep") this.mode = "sleep"
      if (action === "off") this.disabled = true
      return
    }
    if (action === "fan_up") this.fansUp = false
    if (action === "eco") this.mode = "normal"
    if (action === "sleep") this.mode = low ? "eco" : "normal"
    if (action === "off") {
      this.disabled = false
      if (this.mode === "sleep") this.mode = low ? "eco" : "normal"
    }
  }
}

function live(life: Life) {
  const rules: Rules = {
    armed: life.armed,
    limits: { warningC: 80, criticalC: 90, resumeC: 70 },
    actions: life.actions,
    coolDownMs: {
      fan_up: COOL_DOWN_S.fan_up * SECONDS,
      eco: COOL_DOWN_S.eco * SECONDS,
      sleep: COOL_DOWN_S.sleep * SECONDS,
      off: COOL_DOWN_S.off * SECONDS,
    },
  }
  const machines = life.machines.map((of) => new Machine(of))
  let states = machines.map((_, n) => freshState(`m${n}`))
  const begun: number[] = []
  const acts: {
    key: number
    move: "step" | "undo"
    action: ThermalAction
    atMs: number
    reading: HeatReading
  }[] = []
  const ids = new Set<string>()
  let fate = 0
  const lastHot = Math.max(...life.machines.map((machine) => machine.fromTurn + machine.turns))
  // The longest waits: two hours after relapses, for each of four steps, and what failed is tried again.
  const turns = lastHot + Math.ceil((4 * 7_200 + 4_000) / STEP_S)
  const alive = () => states.some((state) => state.done.length > 0 || state.intent !== null) || undefined
  for (let turn = 0; turn < turns && (turn <= lastHot || alive()); turn += 1) {
    const nowMs = turn * STEP_S * SECONDS
    const waiting: Waiting[] = []
    const readings = machines.map((machine, n) => {
      machine.warm(turn)
      const reading = machine.reading(turn, life.blind.includes(turn))
      let state = states[n] as MachineState
      if (state.intent !== null) {
        const end = foundOut(state, reading)
        if (end !== null) state = conclude(state, rules, state.intent, end, nowMs).state
      }
      const decided = decide(state, rules, reading)
      states[n] = decided.state
      if (decided.want !== null) waiting.push({ key: String(n), want: decided.want, sinceMs: nowMs })
      return reading
    })
    const left = budgetLeft(begun, life.maxPerMinute, nowMs)
    const chosen = inOrder(waiting).slice(0, left)
    const passedOver = waiting.filter((each) => !chosen.includes(each) && each.want.move === "step")
    for (const each of chosen)
      for (const other of passedOver) {
        expect(each.want.move, "undoing before a hot machine").toBe("step")
        expect(each.want.tempC ?? 0, "hottest first").toBeGreaterThanOrEqual(other.want.tempC ?? 0)
      }
    for (const { key, want } of chosen) {
      const n = Number(key)
      const machine = machines[n] as Machine
      const before = states[n] as MachineState
      expect(before.intent, "an act while another is not resolved").toBeNull()
      const how = life.fates[fate++] ?? "done"
      const what = { move: want.move, action: want.action, again: false }
      const end = (result: MoveEnd) => {
        states[n] = conclude(states[n] as MachineState, rules, states[n]?.intent ?? what, result, nowMs).state
      }
      if (how === "refused" && want.move === "step") {
        end({ end: "refused", message: "it cannot" })
        continue
      }
      const id = `${turn}-${n}`
      expect(ids.has(id)).toBe(false)
      ids.add(id)
      const was = { powerMode: machine.mode, fan: null }
      states[n] = begin(before, { id, want, nowMs, was })
      begun.push(nowMs)
      acts.push({
        key: n,
        move: want.move,
        action: want.action,
        atMs: nowMs,
        reading: readings[n] as HeatReading,
      })
      const heard = how !== "unheard" && how !== "failed"
      const had = machine.mode === want.action && want.move === "step"
      if (heard) machine.apply(want.move, want.action, before)
      if (how === "done" || how === "refused")
        end({ end: "done", message: "done", already: had, before: was })
      else if (how === "failed") end({ end: "failed", message: "connection refused" })
      // A crash: only what is on disk comes back.
      else if (how === "crash") states = JSON.parse(JSON.stringify(states)) as MachineState[]
    }
  }
  return { rules, machines, states, begun, acts }
}

const RUNS = { numRuns: 300, seed: 20_261_121 }

describe("the thermal guard", () => {
  it("C08 acts only when armed, on a told temperature, and wakes blindly only what it put to sleep", () => {
    fc.assert(
      fc.property(lives, (life) => {
        const { acts, rules } = live(life)
        if (!life.armed) expect(acts).toEqual([])
        for (const { move, action, reading } of acts) {
          if (move === "undo") {
            if (reading.tempC === null) expect(reading.mining).toBe(false)
            else expect(reading.tempC).toBeLessThanOrEqual(rules.limits.resumeC)
            continue
          }
          expect(life.actions).toContain(action)
          const limit = reading.stoppedFan ? rules.limits.warningC : rules.limits.criticalC
          expect(reading.tempC).not.toBeNull()
          expect(reading.tempC ?? 0).toBeGreaterThanOrEqual(limit)
        }
      }),
      RUNS,
    )
  })

  it("C08 begins no more acts in any minute than the policy says", () => {
    fc.assert(
      fc.property(lives, (life) => {
        const { begun } = live(life)
        for (const from of begun)
          expect(begun.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(
            life.maxPerMinute,
          )
      }),
      RUNS,
    )
  })

  it("C08 holds the cool-down after every step that worked", () => {
    const calm = lives.map((life) => ({ ...life, fates: [] }))
    fc.assert(
      fc.property(calm, (life) => {
        const { acts, machines } = live(life)
        for (const [key] of machines.entries()) {
          const own = acts.filter((act) => act.key === key)
          for (const [index, act] of own.entries()) {
            const before = own[index - 1]
            if (before?.move !== "step") continue
            expect(act.atMs - before.atMs).toBeGreaterThanOrEqual(COOL_DOWN_S[before.action] * SECONDS)
          }
        }
      }),
      RUNS,
    )
  })

  it("C08 brings every machine back to what it was when the heat is over, whatever was lost on the way", () => {
    fc.assert(
      fc.property(lives, (life) => {
        const { machines, states } = live({ ...life, blind: life.blind.filter((turn) => turn < 100) })
        for (const [n, machine] of machines.entries()) {
          expect(states[n]).toMatchObject({ done: [], intent: null, heldSinceMs: null })
          expect({ mode: machine.mode, fansUp: machine.fansUp, disabled: machine.disabled }).toEqual({
            mode: "normal",
            fansUp: false,
            disabled: false,
          })
        }
      }),
      RUNS,
    )
  })
})

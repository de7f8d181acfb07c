import { describe, expect, it } from "vitest"
import { isOfInterest, waveStates } from "./wave-states.ts"

const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 12, minute))
const wave = {
  releasedAt: null as Date | null,
  answeredAt: null as Date | null,
  passedAt: null as Date | null,
  haltedAt: null as Date | null,
  resumedAt: null as Date | null,
  open: 0,
}
const passed = { ...wave, releasedAt: at(0), answeredAt: at(1), passedAt: at(3) }
const running = { status: "RUNNING", haltedAt: null, nextWaveAt: null } as const
const gate = { graceS: 600, now: at(10).getTime() }

describe("waves of a command", () => {
  it("D15 run one after the other", () => {
    const told = { ...wave, releasedAt: at(4), open: 2 }
    expect(waveStates([passed, told, wave, wave], running, gate)).toEqual([
      "passed",
      "running",
      "waiting",
      "waiting",
    ])
  })

  it("D15 the one behind a passed gate is next while the pause runs, and only that", () => {
    expect(waveStates([passed, wave, wave], { ...running, nextWaveAt: at(11) }, gate)).toEqual([
      "passed",
      "next",
      "waiting",
    ])
  })

  it("D15 are looked at until the gate decides or the time to come back is over", () => {
    const answered = (minute: number) => ({ ...wave, releasedAt: at(0), answeredAt: at(minute) })
    expect(waveStates([answered(5), wave], running, gate)).toEqual(["looking", "waiting"])
    const ended = { ...running, status: "SUCCEEDED" } as const
    expect(waveStates([answered(5)], ended, gate)).toEqual(["looking"])
    expect(waveStates([answered(0)], ended, { ...gate, now: at(10).getTime() + 1 })).toEqual(["short"])
    expect(waveStates([answered(0)], ended, gate)).toEqual(["looking"])
  })

  it("D15 halt what comes behind them, until somebody resumes", () => {
    const halted = { ...passed, passedAt: null, haltedAt: at(3) }
    expect(waveStates([halted, wave], { ...running, haltedAt: at(3), nextWaveAt: null }, gate)).toEqual([
      "halted",
      "waiting",
    ])
    const resumed = { ...halted, resumedAt: at(5) }
    const told = { ...wave, releasedAt: at(5), open: 1 }
    expect(waveStates([resumed, told], running, gate)).toEqual(["resumed", "running"])
  })

  it("D15 that were never sent are told apart from those that wait", () => {
    const halted = { ...passed, passedAt: null, haltedAt: at(3) }
    expect(waveStates([halted, wave], { ...running, status: "FAILED" }, gate)).toEqual(["halted", "dropped"])
  })

  it("stand out unless they are over or wait", () => {
    expect(
      (["halted", "running", "passed", "waiting", "dropped", "short"] as const).filter(isOfInterest),
    ).toEqual(["halted", "running", "short"])
  })
})

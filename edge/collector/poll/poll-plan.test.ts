import { describe, expect, it } from "vitest"
import type { FaultKind } from "#server/contract/driver-faults.ts"
import { afterDial, freshPollState, LOGIN_PAUSE_MS, type PollState, planTurn } from "./poll-plan.ts"
import { faultSample } from "./sample.ts"

/** Plays turns of one interval each against a miner that answers or not; returns what each turn did. */
function play(answers: (turn: number) => FaultKind | null, turns: number): string[] {
  let state: PollState = freshPollState()
  const log: string[] = []
  for (let turn = 0; turn < turns; turn += 1) {
    const nowMs = turn * 60_000
    const plan = planTurn(state, nowMs)
    log.push(`${plan.act}${plan.retry ? "+retry" : ""}`)
    if (plan.act === "repeat") state = { ...state, turnsSinceDial: state.turnsSinceDial + 1 }
    else if (plan.act === "read") {
      const kind = answers(turn)
      state = afterDial(state, kind === null ? null : { kind, message: kind }, nowMs)
    }
  }
  return log
}

describe("planTurn", () => {
  it("tries a healthy miner twice and a failing one once, then dials every second turn", () => {
    expect(play((turn) => (turn < 1 ? null : "timeout"), 9)).toEqual([
      "read+retry",
      "read+retry",
      "read",
      "read",
      "repeat",
      "read",
      "repeat",
      "read",
      "repeat",
    ])
  })
  it("sees a miner that comes back within two turns, wherever it was in its back-off", () => {
    for (let back = 4; back < 12; back += 1) {
      const log = play((turn) => (turn < back ? "refused" : null), 20)
      expect(log.slice(back, back + 2)).toContain("read")
      expect(log.at(-1)).toBe("read+retry")
    }
  })
  it("asks for no login within the hour after a refused one, and once after it", () => {
    const turns = LOGIN_PAUSE_MS / 60_000
    const log = play(() => "auth", turns + 2)
    expect(log.slice(1, turns)).toEqual(new Array(turns - 1).fill("look"))
    expect(log[turns]).toBe("read")
    expect(log[turns + 1]).toBe("look")
  })
})

describe("faultSample", () => {
  const miner = { minerId: "m", serial: null, mac: null, address: null, identity: null }
  const sample = (kind: FaultKind) => faultSample(miner, { kind, message: "x" }, "2026-01-01T00:00:00Z", null)
  it("counts silence, refusal and garbage as offline, and an answer that is no reading as there", () => {
    for (const kind of ["timeout", "refused", "garbled"] as const)
      expect(sample(kind)).toMatchObject({
        online: false,
        overall_health: "offline",
        errors: [{ code: kind }],
      })
    for (const kind of ["auth", "busy", "unsupported"] as const)
      expect(sample(kind)).toMatchObject({ online: true, overall_health: null })
    expect(sample("auth").error_message).toBe("needs login: x")
  })
  it("knows nothing else: no number is made up", () => {
    expect(Object.values(sample("timeout")).filter((value) => typeof value === "number")).toEqual([])
  })
})

import { describe, expect, it } from "vitest"
import { type WaveFacts, type WaveRule, waveVerdict } from "./wave-gate.ts"
import { planWaves } from "./wave-plan.ts"

const ANSWERED = new Date("2026-05-04T10:00:00Z")
const minutesOn = (minutes: number) => new Date(ANSWERED.getTime() + minutes * 60_000)
const none = { open: 0, good: 0, waiting: 0, failed: 0, skipped: 0, expired: 0 }
const facts = (of: Partial<WaveFacts>): WaveFacts => {
  const counts = { ...none, ...of }
  return {
    wave: 3,
    waves: 10,
    targets: counts.open + counts.good + counts.waiting + counts.failed + counts.skipped,
    answeredAt: counts.open > 0 ? null : ANSWERED,
    ...counts,
  }
}
const HASHING: WaveRule = { sign: "hashing", graceS: 15 * 60, failPercent: 25 }

describe("the gate of a wave", () => {
  it.each<[string, Partial<WaveFacts>, number, "wait" | "pass" | "halt"]>([
    ["some have not answered", { open: 1, good: 3 }, 60, "wait"],
    ["all back", { good: 4 }, 0, "pass"],
    ["one away within the grace time", { good: 3, waiting: 1 }, 14.99, "wait"],
    ["as many away as may be, at its end", { good: 3, waiting: 1 }, 15, "pass"],
    ["more away than may be, before its end", { good: 2, waiting: 2 }, 14.99, "wait"],
    ["more away than may be, at its end", { good: 2, waiting: 2 }, 15, "halt"],
    ["failed as many as may", { good: 3, failed: 1 }, 0, "pass"],
    ["one failed and one away, at its end", { good: 2, failed: 1, waiting: 1 }, 15, "halt"],
    ["too many failed while others run", { open: 1, good: 1, failed: 2 }, 0, "halt"],
    ["skipped ones leave the base", { good: 1, failed: 1, skipped: 2 }, 0, "halt"],
    ["nobody could", { skipped: 4 }, 0, "pass"],
    ["nobody was fetched", { skipped: 4, expired: 4 }, 0, "halt"],
    ["some expired, the rest is back", { good: 2, skipped: 2, expired: 2 }, 0, "pass"],
  ])("A27 D15 %s", (_name, of, minutes, verdict) => {
    expect(waveVerdict(facts(of), HASHING, minutesOn(minutes)).verdict).toBe(verdict)
  })

  it("halts with none allowed to fail, and never with all allowed", () => {
    expect(
      waveVerdict(facts({ good: 99, failed: 1 }), { ...HASHING, failPercent: 0 }, minutesOn(0)).verdict,
    ).toBe("halt")
    expect(waveVerdict(facts({ failed: 4 }), { ...HASHING, failPercent: 100 }, minutesOn(0)).verdict).toBe(
      "pass",
    )
  })

  it.each<[Partial<WaveFacts>, Partial<WaveRule>, string]>([
    [
      { good: 2, waiting: 2 },
      {},
      "Wave 3 of 10: 2 of 4 machines did not come back hashing within 15 minutes.",
    ],
    [
      { good: 1, waiting: 2, failed: 1, skipped: 1 },
      { failPercent: 50 },
      "Wave 3 of 10: 1 of 4 machines failed and 2 did not come back hashing within 15 minutes.",
    ],
    [
      { waiting: 1 },
      { sign: "reachable", graceS: 600 },
      "Wave 3 of 10: 1 of 1 machine did not come back online within 10 minutes.",
    ],
    [
      { good: 2, failed: 2 },
      {},
      "Wave 3 of 10: 2 of 4 machines failed or gave no answer; more than 25 % may not.",
    ],
    [{ skipped: 4, expired: 4 }, {}, "Wave 3 of 10: no collector fetched any of its 4 machines in time."],
  ])("says why it halts: %j", (of, rule, reason) => {
    expect(waveVerdict(facts(of), { ...HASHING, ...rule }, minutesOn(60))).toEqual({
      verdict: "halt",
      reason,
    })
  })
})

describe("D15 the plan of waves", () => {
  const plan = (runnable: number, requestedSize: number | null = null) =>
    planWaves({ runnable, requestedSize, activeMachines: 95, wavePercent: 10 })
  it("is one wave up to ten machines, then the site's share, or what the request says", () => {
    expect(plan(0).count).toBe(0)
    expect(plan(10)).toEqual({ count: 1, size: 10 })
    expect(plan(11)).toEqual({ count: 2, size: 10 })
    expect(plan(95)).toEqual({ count: 10, size: 10 })
    expect(plan(11, 3)).toEqual({ count: 4, size: 3 })
    expect(plan(40, 50)).toEqual({ count: 1, size: 40 })
    expect(planWaves({ runnable: 20, requestedSize: null, activeMachines: 0, wavePercent: 10 }).size).toBe(1)
  })
})

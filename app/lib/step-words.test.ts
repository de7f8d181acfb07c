import { describe, expect, it } from "vitest"
import { TIMELINE_KINDS, type TimelineKind } from "#server/contract/command-list.ts"
import { stepNote, stepTitle } from "./step-words.ts"
import { translator } from "./strings/translate.ts"

const t = translator("en")
const at = new Date("2026-11-20T12:00:00Z")
const step = (kind: TimelineKind, details: Record<string, unknown> | null = null, lastedMs = 0) => ({
  kind,
  action: `command.${kind.replaceAll("_", "-")}`,
  at,
  until: new Date(at.getTime() + lastedMs),
  details,
})
const told = (...given: Parameters<typeof step>) => [
  stepTitle(t, step(...given)),
  stepNote(t, step(...given)),
]

describe("the timeline of a command", () => {
  it("E12 has words for every kind of step, also for a client who is told no details", () => {
    for (const kind of TIMELINE_KINDS) {
      const title = stepTitle(t, step(kind))
      expect(title, kind).toMatch(/^[A-Z0-9]/)
      expect(title, kind).not.toMatch(/[{}_]|undefined/)
      if (kind !== "results") expect(stepNote(t, step(kind)), kind).toBeNull()
    }
  })

  it("E12 tells waves, and why one halted", () => {
    expect(told("wave_released", { wave: 2, waves: 4, targets: 10 })).toEqual([
      "Wave 2 of 4 released",
      "10 machines",
    ])
    expect(told("wave_passed", { wave: 2, waves: 4, good: 8, waiting: 1, failed: 1, skipped: 0 })).toEqual([
      "Wave 2 of 4 passed",
      "8 back, 2 not back",
    ])
    expect(told("halted", { wave: 3, waves: 4, reason: "Too few." })).toEqual([
      "Halted in wave 3 of 4",
      "Too few.",
    ])
    expect(told("resumed", { haltedWave: 3, wave: 4, waves: 4 })).toEqual(["Resumed with wave 4 of 4", null])
  })

  it("E12 adds up answers, late ones too, and how long they took", () => {
    expect(
      told("results", { succeeded: 18, failed: 1, unknown: 0, skipped: 0, late: 1, answers: 3 }, 125_000),
    ).toEqual(["20 answers came in", "18 succeeded, 1 failed, 1 answer too late, over 2 min"])
  })

  it("E12 counts what was skipped at the dispatch by whatever reason", () => {
    expect(told("dispatched", { queued: 28, skipped: { unsupported: 10, offline: 2 }, waves: 7 })).toEqual([
      "Laid out for the machines",
      "28 to be told, 12 skipped, in 7 waves",
    ])
    expect(told("dispatched", { queued: 1, skipped: {}, waves: 1 })[1]).toBe("1 to be told, 0 skipped")
  })

  it("A27 tells ends, cancels and denials with their counts and reasons", () => {
    expect(told("failed", { succeeded: 3, failed: 1, unknown: 1, skipped: 2 })).toEqual([
      "Ended: failed",
      "3 succeeded, 1 failed, 1 outcome unknown, 2 skipped",
    ])
    expect(told("rest_cancelled", { cancelled: 24 })[1]).toBe("24 machines left alone")
    expect(told("denied", { reason: "Not today." })[1]).toBe("Not today.")
    expect(told("targets_expired", { expired: 2, unknown: 1 })[1]).toBe(
      "2 machines too late, 1 outcome unknown",
    )
  })

  it("E12 says plainly what it has no word for", () => {
    expect(told("other")[0]).toBe("Noted: other")
  })
})

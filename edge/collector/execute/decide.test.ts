import { describe, expect, it } from "vitest"
import { leaseOf } from "../testing/fakes.ts"
import { decideLease, restartedSince } from "./decide.ts"
import type { JournalEntry } from "./journal.ts"

const nowMs = Date.parse("2026-05-01T12:00:00Z")
const lease = leaseOf({
  lease_until: new Date(nowMs + 60_000).toISOString(),
  expires_at: new Date(nowMs + 600_000).toISOString(),
})
const entry = (state: JournalEntry["state"], fencingToken = "10"): JournalEntry => ({
  id: lease.id,
  minerId: lease.miner_id,
  type: "REBOOT",
  state,
  fencingToken,
  lease,
  startedMs: nowMs,
  acked: true,
  identityBefore: null,
})
const decide = (
  more: Partial<typeof lease> = {},
  journal: JournalEntry | null = null,
  facts: { runningHere?: boolean } = {},
) => decideLease({ ...lease, ...more }, journal, { runningHere: false, nowMs, ...facts }).do

describe("decideLease", () => {
  it("acts on what is new and in time, and only then", () => {
    expect(decide()).toBe("act")
    expect(decide({ expires_at: new Date(nowMs).toISOString() })).toBe("refuse")
    expect(decide({ lease_until: new Date(nowMs).toISOString() })).toBe("ignore")
  })
  it("answers a redelivery from the journal, expired or not", () => {
    expect(decide({ fencing_token: "11" }, entry("finished"))).toBe("answer")
    expect(decide({ expires_at: new Date(0).toISOString() }, entry("finished"))).toBe("answer")
  })
  it("never acts again on what was begun", () => {
    expect(decide({ fencing_token: "11" }, entry("started"))).toBe("follow")
    expect(decide({ fencing_token: "11" }, entry("started"), { runningHere: true })).toBe("follow")
    expect(decide({}, null, { runningHere: true })).toBe("follow")
  })
  it("ignores a token older than the journal's, by value and not by text", () => {
    expect(decide({ fencing_token: "9" }, entry("started"))).toBe("ignore")
    expect(decide({ fencing_token: "9" }, entry("finished"))).toBe("ignore")
    expect(decide({ fencing_token: "100" }, entry("finished", "99"))).toBe("answer")
  })
})

describe("restartedSince", () => {
  const startedMs = nowMs
  const at = (afterS: number, uptimeSeconds: number | null) =>
    restartedSince({ startedMs, nowMs: startedMs + afterS * 1000, uptimeSeconds })
  it("knows a restart by its uptime", () => {
    expect(at(20, 5)).toBe("yes")
    expect(at(400, 390)).toBe("yes")
  })
  it("says no only when a restart would have shown by now", () => {
    expect(at(10, 5_000)).toBe("unclear")
    expect(at(89, 5_000)).toBe("unclear")
    expect(at(90, 5_000)).toBe("no")
  })
  it("leaves a start just before the request, and silence, unclear", () => {
    expect(at(100, 103)).toBe("unclear")
    expect(at(100, null)).toBe("unclear")
  })
})

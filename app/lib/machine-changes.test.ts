import { describe, expect, it } from "vitest"
import { machineChanges } from "./machine-changes.ts"
import { translator } from "./strings/translate.ts"

const changes = (before: Record<string, unknown> | null, after: Record<string, unknown> | null) =>
  machineChanges(translator("en"), before, after)

describe("what a machine told before and after a command", () => {
  it("A28 is told where it differs, in words", () => {
    expect(
      changes(
        { power_mode: "normal", fan: { mode: "auto", speed_pct: null }, frequency_mhz: 525 },
        { power_mode: "eco", fan: { mode: "manual", speed_pct: 80 }, frequency_mhz: 525 },
      ),
    ).toEqual([
      { name: "Power mode", before: "Normal", after: "Eco" },
      { name: "Fans", before: "By the machine", after: "Fixed" },
      { name: "Fan speed", before: null, after: "80 %" },
    ])
  })
  it("A28 pools slot by slot, without those that stay", () => {
    const spare = { url: "stratum+tcp://b.example:3333", user: "acct.1" }
    expect(
      changes(
        { pools: [{ url: "stratum+tcp://a.example:3333", user: "acct.1" }, spare] },
        { pools: [{ url: "stratum+tcp://c.example:3333", user: "acct.1" }, spare] },
      ),
    ).toEqual([
      {
        name: "Pool 1",
        before: "stratum+tcp://a.example:3333, acct.1",
        after: "stratum+tcp://c.example:3333, acct.1",
      },
    ])
  })
  it("A28 the light, the uptime and what changed by itself have words", () => {
    expect(changes({ blink: false }, { blink: true })).toEqual([
      { name: "Light", before: "off", after: "on" },
    ])
    expect(changes({ uptime_seconds: 7200 }, { changed_settings: ["a", "b"] })).toEqual([
      { name: "Uptime", before: "2 h", after: null },
      { name: "Changed by itself", before: null, after: "a, b" },
    ])
  })
  it("A28 is silent where nobody told anything, and plain about what has no word", () => {
    expect(changes(null, null)).toEqual([])
    expect(changes({ a: 1 }, { a: 1 })).toEqual([])
    expect(changes(null, { newThing: { x: 1 } })).toEqual([{ name: "new thing x", before: null, after: "1" }])
  })
})

import { describe, expect, it } from "vitest"
import { differencesOf } from "./differences.ts"

describe("the two sides of an audit row", () => {
  it("are told where they differ", () => {
    expect(
      differencesOf(
        { pollIntervalS: 60, name: "North", contact: null },
        { pollIntervalS: 10, name: "North", contact: "Ann" },
      ),
    ).toEqual([
      { name: "poll interval s", before: "60", after: "10" },
      { name: "contact", before: null, after: "Ann" },
    ])
  })
  it("are told whole when there is one alone", () => {
    expect(differencesOf(null, { email: "a@b.example", roles: ["x", "y"], note: null })).toEqual([
      { name: "email", after: "a@b.example" },
      { name: "roles", after: "x, y" },
    ])
    expect(differencesOf({ value: "10.0.0.1", parameters: { mode: "soft" } }, null)).toEqual([
      { name: "value", before: "10.0.0.1" },
      { name: "parameters", before: "mode soft" },
    ])
    expect(differencesOf(null, null)).toEqual([])
  })
  it("tell false and 0 from nothing", () => {
    expect(differencesOf({ on: false, count: 0 }, { on: true, count: null })).toEqual([
      { name: "on", before: "false", after: "true" },
      { name: "count", before: "0", after: null },
    ])
  })
})

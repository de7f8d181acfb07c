import { describe, expect, it } from "vitest"
import { fillWorkerName, ownPart } from "./worker-name.ts"

describe("A23 D07 worker names", () => {
  it.each([
    ["acct.{worker}", "old.rig7", "acct.rig7"],
    ["acct.{worker}", "old.a.b", "acct.a.b"],
    ["{worker}", "old.$&", "$&"],
    ["{worker}.{worker}", "old.a", "a.a"],
    ["acct.rig1", null, "acct.rig1"],
  ])("%s of %s is %s", (template, present, name) => {
    expect(fillWorkerName(template, present)).toEqual({ ok: true, value: name })
  })

  it.each([
    ["acct.{worker}", null],
    ["acct.{worker}", ""],
    ["acct.{worker}", "nodot"],
    ["acct.{worker}", "ends."],
    ["acct.{label}", "old.rig"],
    ["acct.{ip}", "old.rig"],
    ["acct.{worker", "old.rig"],
  ])("%s cannot be filled from %s", (template, present) => {
    expect(fillWorkerName(template, present)).toMatchObject({ ok: false, fault: { kind: "unsupported" } })
  })

  it("does not take the miner's own braces for a placeholder", () => {
    expect(fillWorkerName("acct.{worker}", "old.{x}")).toEqual({ ok: true, value: "acct.{x}" })
    expect(ownPart(null)).toBeNull()
  })
})

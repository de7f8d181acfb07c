import { describe, expect, it } from "vitest"
import { COMMAND_FEATURES } from "#server/contract/commands.ts"
import { featuresFor } from "./offered-features.ts"

const allowed = { clientCommandsAllowed: true }

describe("what pages offer by role (A15, decisions 13 and 14)", () => {
  it("is everything for admins, site managers and operators", () => {
    for (const role of ["admin", "site_manager", "operator"] as const)
      expect(featuresFor(role, allowed)).toEqual([...COMMAND_FEATURES])
  })
  it("is LED and REBOOT, hard too, for a technician", () => {
    expect(featuresFor("technician", allowed)).toEqual(["REBOOT.soft", "REBOOT.hard", "LED"])
  })
  it("is soft reboot, pool and LED for a client, where his site allows any", () => {
    expect(featuresFor("client", allowed)).toEqual(["REBOOT.soft", "CHANGE_POOL", "LED"])
    expect(featuresFor("client", { clientCommandsAllowed: false })).toEqual([])
  })
  it("is nothing for an auditor", () => {
    expect(featuresFor("auditor", allowed)).toEqual([])
  })
})

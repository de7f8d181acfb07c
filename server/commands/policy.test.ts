import { describe, expect, it } from "vitest"
import type { CommandType } from "#server/contract/commands.ts"
import type { Role } from "#server/contract/permissions.ts"
import { decideCommand, isDangerous, type PolicyFacts } from "./policy.ts"

const site = {
  approvalBatchThreshold: 1,
  twoPersonRule: false,
  clientCommandsAllowed: true,
  chipCriticalC: 95,
}
const soft = { type: "REBOOT" as const, parameters: { mode: "soft" } }
const hard = { type: "REBOOT" as const, parameters: { mode: "hard" } }
const led = { type: "LED" as const, parameters: { state: "on" } }
const decide = (facts: Partial<PolicyFacts>) =>
  decideCommand({ ...soft, role: "operator", targets: 1, site, ...facts })
const QUEUED = { verdict: "queued" }

describe("dangerous actions", () => {
  const cases: [CommandType, Record<string, unknown>, boolean][] = [
    ["REBOOT", { mode: "soft" }, false],
    ["REBOOT", { mode: "hard" }, true],
    ["ENABLE", {}, false],
    ["DISABLE", {}, true],
    ["POWER_MODE", { mode: "eco" }, false],
    ["POWER_MODE", { power_limit_w: 2000 }, false],
    ["POWER_MODE", { mode: "sleep" }, true],
    ["CHANGE_POOL", {}, true],
    ["SET_FREQ", { frequency_mhz: 500 }, false],
    ["SET_FREQ", { frequency_mhz: 501 }, true],
    ["THERMAL_POLICY", { fan_mode: "auto", temp_critical_c: 95 }, false],
    ["THERMAL_POLICY", { fan_mode: "auto", temp_critical_c: 96 }, true],
    ["THERMAL_POLICY", { fan_mode: "manual" }, true],
    ["THERMAL_POLICY", { fan_mode: "immersion" }, true],
    ["LED", { state: "on" }, false],
    ["BACKUP_CONFIG", {}, false],
    ["RESTORE_CONFIG", {}, true],
    ["UPDATE_FIRMWARE", {}, true],
  ]
  it.each(cases)("%s %j: %s", (type, parameters, dangerous) => {
    expect(isDangerous({ type, parameters, site, nameplateMhz: 500 })).toBe(dangerous)
  })
  it("a frequency is dangerous when the nameplate is not known", () => {
    expect(isDangerous({ type: "SET_FREQ", parameters: { frequency_mhz: 100 }, site })).toBe(true)
  })
})

describe("decision", () => {
  it("one harmless target runs, for everyone who may ask", () => {
    for (const role of ["admin", "site_manager", "operator", "technician", "client"] satisfies Role[])
      expect(decide({ role }), role).toEqual(QUEUED)
  })
  it("more targets than the threshold wait, except an admin's", () => {
    expect(decide({ targets: 2 })).toEqual({ verdict: "needs_approval", reasons: ["batch"] })
    expect(decide({ targets: 5, site: { ...site, approvalBatchThreshold: 5 } })).toEqual(QUEUED)
    expect(decide({ role: "site_manager", targets: 2 })).toMatchObject({ verdict: "needs_approval" })
    expect(decide({ role: "admin", targets: 500 })).toEqual(QUEUED)
  })
  it("a dangerous one waits even alone, a technician's hard reboot too, except an admin's", () => {
    expect(decide(hard)).toEqual({ verdict: "needs_approval", reasons: ["dangerous"] })
    expect(decide({ ...hard, role: "technician", targets: 3 })).toEqual({
      verdict: "needs_approval",
      reasons: ["dangerous", "batch"],
    })
    expect(decide({ ...hard, role: "admin" })).toEqual(QUEUED)
  })
  it("the two-person rule binds admins", () => {
    const strict = { ...site, twoPersonRule: true }
    expect(decide({ ...hard, role: "admin", site: strict })).toEqual({
      verdict: "needs_approval",
      reasons: ["dangerous", "two_person"],
    })
    expect(decide({ role: "admin", site: strict })).toEqual(QUEUED)
  })
  it("technicians ask for LED and REBOOT only, auditors for nothing", () => {
    expect(decide({ ...led, role: "technician" })).toEqual(QUEUED)
    expect(decide({ type: "DISABLE", parameters: {}, role: "technician" })).toMatchObject({
      verdict: "forbidden",
    })
    expect(decide({ ...led, role: "auditor" })).toMatchObject({ verdict: "forbidden" })
  })
  it("clients ask only where the site allows it, and not for hard reboots", () => {
    expect(decide({ role: "client", site: { ...site, clientCommandsAllowed: false } })).toMatchObject({
      verdict: "forbidden",
    })
    expect(decide({ ...hard, role: "client" })).toMatchObject({ verdict: "forbidden" })
    expect(decide({ type: "CHANGE_POOL", parameters: {}, role: "client" })).toEqual({
      verdict: "needs_approval",
      reasons: ["dangerous"],
    })
  })
})

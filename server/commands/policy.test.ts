import { describe, expect, it } from "vitest"
import type { StoredAction } from "#server/contract/command-parameters.ts"
import { ROLES, type Role } from "#server/contract/permissions.ts"
import { decideCommand, isDangerous, type PolicyFacts, strictest } from "./policy.ts"

const site = {
  approvalBatchThreshold: 1,
  twoPersonRule: false,
  clientCommandsAllowed: true,
  chipCriticalC: 95,
}
const soft: StoredAction = { type: "REBOOT", parameters: { mode: "soft" } }
const hard: StoredAction = { type: "REBOOT", parameters: { mode: "hard" } }
const led: StoredAction = { type: "LED", parameters: { state: "on" } }
const disable: StoredAction = { type: "DISABLE", parameters: {} }
const pool: StoredAction = {
  type: "CHANGE_POOL",
  parameters: { pools: [{ url: "stratum+tcp://pool.example:3333", worker_name: "acct.{worker}" }] },
}
const ID = "018f0000-0000-7000-8000-000000000000"
const decide = (facts: Partial<PolicyFacts>) =>
  decideCommand({ action: soft, role: "operator", targets: 1, site, ...facts })
const ALLOWED = { verdict: "allowed" }
const needs = (...reasons: string[]) => ({ verdict: "needs_approval", reasons })

describe("dangerous actions (decision 16, E18)", () => {
  const cases: [StoredAction, boolean][] = [
    [soft, false],
    [hard, true],
    [{ type: "ENABLE", parameters: {} }, false],
    [disable, true],
    [{ type: "POWER_MODE", parameters: { mode: "eco" } }, false],
    [{ type: "POWER_MODE", parameters: { mode: "high" } }, false],
    [{ type: "POWER_MODE", parameters: { power_limit_w: 2000 } }, false],
    [{ type: "POWER_MODE", parameters: { mode: "sleep" } }, true],
    [pool, true],
    [{ type: "SET_FREQ", parameters: { frequency_mhz: 500 } }, false],
    [{ type: "SET_FREQ", parameters: { frequency_mhz: 501 } }, true],
    [
      { type: "THERMAL_POLICY", parameters: { fan_mode: "auto", temp_warning_c: 80, temp_critical_c: 95 } },
      false,
    ],
    [
      { type: "THERMAL_POLICY", parameters: { fan_mode: "auto", temp_warning_c: 80, temp_critical_c: 96 } },
      true,
    ],
    [{ type: "THERMAL_POLICY", parameters: { fan_mode: "auto" } }, false],
    [{ type: "THERMAL_POLICY", parameters: { fan_mode: "manual", fan_speed_pct: 80 } }, true],
    [{ type: "THERMAL_POLICY", parameters: { fan_mode: "immersion" } }, true],
    [led, false],
    [{ type: "BACKUP_CONFIG", parameters: { name: "before" } }, false],
    [{ type: "RESTORE_CONFIG", parameters: { backup_id: ID } }, true],
    [{ type: "UPDATE_FIRMWARE", parameters: { artifact_id: ID } }, true],
    [{ type: "SET_LOGIN", parameters: {} }, true],
  ]
  it.each(cases)("%j: %s", (action, dangerous) => {
    expect(isDangerous({ action, site, nameplateMhz: 500 })).toBe(dangerous)
  })
  it("A24 a frequency is dangerous when the nameplate is not known", () => {
    expect(isDangerous({ action: { type: "SET_FREQ", parameters: { frequency_mhz: 100 } }, site })).toBe(true)
  })
})

describe("decision (A27 A29, contradictions 8 and 9)", () => {
  it("one harmless target runs, for everyone who may ask", () => {
    for (const role of ["admin", "site_manager", "operator", "technician", "client"] satisfies Role[])
      expect(decide({ role }), role).toEqual(ALLOWED)
  })
  it("more targets than the threshold wait, except an admin's", () => {
    expect(decide({ targets: 2 })).toEqual(needs("batch"))
    const five = { ...site, approvalBatchThreshold: 5 }
    expect(decide({ targets: 5, site: five })).toEqual(ALLOWED)
    expect(decide({ targets: 6, site: five })).toEqual(needs("batch"))
    for (const role of ["site_manager", "technician", "client"] satisfies Role[])
      expect(decide({ role, targets: 2 }), role).toEqual(needs("batch"))
    expect(decide({ role: "admin", targets: 500 })).toEqual(ALLOWED)
  })
  it("a dangerous one waits even alone, below any threshold, except an admin's", () => {
    expect(decide({ action: hard })).toEqual(needs("dangerous"))
    expect(decide({ action: hard, site: { ...site, approvalBatchThreshold: 100 } })).toEqual(
      needs("dangerous"),
    )
    expect(decide({ action: pool, role: "site_manager" })).toEqual(needs("dangerous"))
    expect(decide({ action: pool, role: "admin", targets: 40 })).toEqual(ALLOWED)
  })
  it("decision 14: a technician's hard reboot still waits", () => {
    expect(decide({ action: hard, role: "technician" })).toEqual(needs("dangerous"))
    expect(decide({ action: hard, role: "technician", targets: 3 })).toEqual(needs("dangerous", "batch"))
  })
  it("the two-person rule binds admins", () => {
    const strict = { ...site, twoPersonRule: true }
    expect(decide({ action: hard, role: "admin", site: strict })).toEqual(needs("dangerous", "two_person"))
    expect(decide({ role: "admin", targets: 2, site: strict })).toEqual(needs("batch", "two_person"))
    expect(decide({ role: "admin", site: strict })).toEqual(ALLOWED)
  })
  it("technicians ask for LED and REBOOT only, auditors for nothing", () => {
    expect(decide({ action: led, role: "technician" })).toEqual(ALLOWED)
    expect(decide({ action: disable, role: "technician" })).toMatchObject({ verdict: "refused" })
    expect(decide({ action: pool, role: "technician" })).toMatchObject({ verdict: "refused" })
    expect(decide({ action: led, role: "auditor" })).toMatchObject({ verdict: "refused" })
  })
  it("decision 13: clients ask only where the site allows it, and for three things", () => {
    const closed = { ...site, clientCommandsAllowed: false }
    for (const action of [soft, led, pool])
      expect(decide({ action, role: "client", site: closed })).toMatchObject({ verdict: "refused" })
    expect(decide({ action: led, role: "client" })).toEqual(ALLOWED)
    expect(decide({ action: pool, role: "client" })).toEqual(needs("dangerous"))
    for (const action of [
      hard,
      disable,
      { type: "ENABLE", parameters: {} } as const,
      { type: "SET_LOGIN", parameters: {} } as const,
    ])
      expect(decide({ action, role: "client" })).toMatchObject({ verdict: "refused" })
  })
  it("no role gets a dangerous batch through without a second person when the rule is on", () => {
    const strict = { ...site, twoPersonRule: true, approvalBatchThreshold: 1000 }
    for (const role of ROLES)
      expect(decide({ action: pool, role, targets: 9, site: strict }).verdict, role).not.toBe("allowed")
  })
})

describe("the strictest of several sites", () => {
  it("is a refusal, then waiting with all reasons, then leave", () => {
    const waits = { verdict: "needs_approval", reasons: ["batch"] } as const
    const other = { verdict: "needs_approval", reasons: ["batch", "two_person"] } as const
    const allowed = { verdict: "allowed" } as const
    const refused = { verdict: "refused", message: "no" } as const
    const of = (...list: (typeof waits | typeof other | typeof allowed | typeof refused)[]) =>
      strictest(list.map((one) => ("reasons" in one ? { ...one, reasons: [...one.reasons] } : one)))
    expect(of(allowed, waits, other)).toEqual(needs("batch", "two_person"))
    expect(of(waits, refused, allowed)).toEqual(refused)
    expect(of(allowed)).toEqual(allowed)
  })
})

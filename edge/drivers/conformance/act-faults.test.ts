import { describe, expect, it } from "vitest"
import type { FaultKind } from "#edge/simulator/faults.ts"
import type { DriverAction } from "../driver.ts"
import { driverFor } from "../registry.ts"
import { IN_ORDER, useFloorOf } from "./floor.ts"
import { addressOf, MACHINES } from "./machines.ts"

/** Every driver × every fault of its acts: a write whose answer is a no, comes late, or never. */

const pool = { url: "stratum+tcp://new.example:3333", worker_name: "acct.{worker}", password: "pw-secret" }
const ACTIONS: readonly DriverAction[] = [
  { type: "REBOOT", parameters: { mode: "hard" } },
  { type: "DISABLE", parameters: {} },
  { type: "CHANGE_POOL", parameters: { pools: [pool] } },
  { type: "THERMAL_POLICY", parameters: { fan_mode: "manual", fan_speed_pct: 80 } },
  { type: "POWER_MODE", parameters: { power_limit_w: 3000 } },
  { type: "SET_LOGIN", parameters: { password: "pw-secret-two" } },
]
const NEVER_RAN: readonly FaultKind[] = ["act-refuse", "act-drop-before"]

describe.concurrent.each(MACHINES)("$profile", (machine) => {
  const floor = useFloorOf(machine)
  const address = addressOf(machine)
  const run = async (action: DriverAction, fault: FaultKind, signal?: AbortSignal) => {
    await floor.reset(address)
    const identity = await floor.known(address)
    const driver = driverFor(identity.family)!
    const before = floor.writes(address).length
    floor.farm.fault(address, fault)
    const outcome = await driver.act(floor.at(address, signal), identity, action)
    expect(JSON.stringify(outcome)).not.toContain("pw-secret")
    return { outcome, written: floor.writes(address).slice(before), can: outcome.ok || outcome.sent }
  }

  it.each(ACTIONS)(
    "A30 $type: a no and a request that never arrived are told as such",
    IN_ORDER,
    async (action) => {
      for (const fault of NEVER_RAN) {
        const { outcome, written } = await run(action, fault, AbortSignal.timeout(300))
        expect([fault, ...written]).toEqual([fault])
        // A board that cuts the line when told to restart has thereby said yes.
        if (outcome.ok) expect([fault, action.type]).toEqual(["act-drop-before", "REBOOT"])
        else if (fault === "act-refuse") expect(outcome.sent).toBe(false)
      }
    },
  )

  it.each(ACTIONS)(
    "A30 $type: one whose answer is lost is never sent twice, and never called undone",
    IN_ORDER,
    async (action) => {
      for (const fault of ["act-drop-after", "act-lost"] as const) {
        const { outcome, written } = await run(action, fault, AbortSignal.timeout(300))
        const kinds = written.filter(({ kind }) => kind !== "reboot-hard" || action.type === "REBOOT")
        if (!outcome.ok && !outcome.sent) expect(written).toEqual([])
        else if (outcome.ok) expect(kinds).toHaveLength(1)
        // What was lost may have been the door to the write, a session.
        else expect(kinds.length).toBeLessThanOrEqual(1)
        if (!outcome.ok && outcome.sent) expect(outcome.fault.kind).toBe("timeout")
      }
    },
  )
})

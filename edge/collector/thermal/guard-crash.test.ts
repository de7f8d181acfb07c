import { randomUUID } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { CommandFeature } from "#server/contract/commands.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import { THERMAL_DEFAULTS, type ThermalPolicy } from "#server/contract/thermal.ts"
import { silentLog } from "#server/log.ts"
import { createIdentityMap } from "../poll/identity-map.ts"
import { fakeDrivers, identityOf, SITE_LIMITS } from "../testing/fakes.ts"
import { startThermalGuard, type ThermalGuard } from "./guard.ts"
import { freshState, type Intent } from "./machine-state.ts"
import { openThermalStore, type ThermalStore } from "./thermal-store.ts"

const POLICY: ThermalPolicy = {
  armed: true,
  warning_c: 85,
  critical_c: 95,
  resume_c: 75,
  ...THERMAL_DEFAULTS,
  actions: ["eco", "sleep"],
}

/** A guard over a disk of an earlier life, with machines in memory and a clock that is set. */
describe("the guard after a crash", () => {
  let dir: string
  let store: ThermalStore
  let guard: ThermalGuard
  let farm: ReturnType<typeof fakeDrivers>
  let nowMs = Date.parse("2026-05-04T10:00:00Z")
  const acted: string[] = []
  const { identities } = createIdentityMap(() => {}, randomUUID)
  const own = new Map<string, { chipWarningC: number; chipCriticalC: number }>()

  const start = (policy = POLICY) => {
    guard = startThermalGuard({
      store,
      clock: { nowMs: () => nowMs, iso: () => new Date(nowMs).toISOString() },
      log: silentLog,
      locate: {
        drivers: farm.drivers,
        identities: { ...identities, close: () => {} },
        limits: (minerId) => ({ ...SITE_LIMITS, ...own.get(minerId) }),
      },
      siteLimits: () => SITE_LIMITS,
      reserve: async () => () => {},
      readNow: async () => null,
      intervalMs: () => 10_000,
      onActed: (minerId: string, feature: CommandFeature) => void acted.push(`${minerId} ${feature}`),
      onNews: () => {},
    })
    guard.setPolicy(policy)
  }
  const add = (serial: string, host: string) => {
    const machine = farm.add(host, serial)
    const at = { host, rpcPort: 4028, webPort: 80 }
    return { machine, miner: identities.file(at, identityOf(serial)) }
  }
  const sample = (minerId: string, tempC: number | null, more: Partial<TelemetrySample> = {}) =>
    guard.see({
      miner_id: minerId,
      online: true,
      temperature_max: tempC,
      mining: true,
      power_mode: "normal",
      fan_speeds: [4_000],
      collected_at: new Date(nowMs).toISOString(),
      ...more,
    })
  const interrupted = (minerId: string, action: Intent["action"]) => {
    const before = { powerMode: "normal" as const, fan: null }
    store.save(
      minerId,
      {
        ...freshState(minerId),
        told: 2,
        sent: [action],
        heldSinceMs: nowMs,
        intent: { id: randomUUID(), move: "step", action, startedMs: nowMs, before, again: false },
      },
      [],
      nowMs,
    )
  }
  const kinds = () => store.events(100).map((event) => `${event.kind} ${event.action ?? ""}`.trim())

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "lamproom-thermal-"))
    store = openThermalStore(join(dir, "thermal.db")).store
    farm = fakeDrivers()
    acted.length = 0
    own.clear()
  })
  afterEach(async () => {
    await guard.stop(0)
    store.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it("C08 never sends an act again that the machine shows, and holds the machine", async () => {
    const { machine, miner } = add("SN-1", "10.0.0.1")
    interrupted(miner.minerId, "eco")
    start()
    expect(guard.refusal(miner.minerId, "REBOOT.soft")).toContain("thermal hold")
    nowMs += 20_000
    sample(miner.minerId, 99, { power_mode: "eco" })
    expect(kinds()).toEqual(["action eco", "held"])
    expect(store.states()[0]).toMatchObject({ intent: null, done: [{ action: "eco" }] })
    expect(machine.acts).toEqual([])
  })

  it("C08 sends nothing while it is unclear, and then tries anew, as another act", async () => {
    const { machine, miner } = add("SN-2", "10.0.0.2")
    interrupted(miner.minerId, "eco")
    start()
    nowMs += 100_000
    sample(miner.minerId, 99)
    nowMs += 1_000
    sample(miner.minerId, 99, { online: false })
    expect(store.states()[0]?.intent).not.toBeNull()
    nowMs += 100_000
    sample(miner.minerId, 99)
    expect(kinds()).toEqual(["failed eco"])
    nowMs += 60_000
    sample(miner.minerId, 99)
    await vi.waitFor(() => expect(kinds()).toContain("action eco"), { timeout: 5_000 })
    expect(machine.acts).toEqual(["POWER_MODE"])
  })

  it("C08 takes what a machine never tells for done, so that it is undone", () => {
    const { miner } = add("SN-3", "10.0.0.3")
    interrupted(miner.minerId, "fan_up")
    start({ ...POLICY, actions: ["fan_up", "eco"] })
    nowMs += 200_000
    sample(miner.minerId, 90)
    expect(store.states()[0]).toMatchObject({ intent: null, done: [{ action: "fan_up" }] })
  })

  it("C08 leaves an act whose end it does not see, and stops in time", async () => {
    const { miner } = add("SN-4", "10.0.0.4")
    let heard: () => void = () => {}
    const sent = new Promise<void>((resolve) => {
      heard = resolve
    })
    farm.state.act = async () => {
      heard()
      return { ok: false, sent: true, fault: { kind: "timeout", message: "no answer" } }
    }
    start()
    sample(miner.minerId, 99)
    await sent
    await guard.stop(1_000)
    expect(store.states()[0]?.intent).toMatchObject({ action: "eco" })
    expect(kinds()).toEqual(["warning"])
    expect(acted).toEqual([`${miner.minerId} POWER_MODE.eco`])
  })

  it("C08 judges a machine by limits of its own", async () => {
    const { machine, miner } = add("SN-5", "10.0.0.5")
    own.set(miner.minerId, { chipWarningC: 60, chipCriticalC: 70 })
    start()
    sample(miner.minerId, 71)
    await vi.waitFor(() => expect(machine.acts).toEqual(["POWER_MODE"]), { timeout: 5_000 })
  })

  it("C08 commands no stranger at the machine's address", async () => {
    const { machine, miner } = add("SN-6", "10.0.0.6")
    machine.identity = identityOf("SOMEBODY-ELSE")
    start()
    sample(miner.minerId, 99)
    await vi.waitFor(() => expect(kinds()).toContain("failed eco"), { timeout: 5_000 })
    expect(machine.acts).toEqual([])
    expect(store.events(10).at(-1)?.message).toContain("another machine answers")
  })

  it("C08 tells of a machine without temperature once, and leaves it alone", () => {
    const { machine, miner } = add("SN-7", "10.0.0.7")
    start()
    for (let n = 0; n < 6; n += 1) sample(miner.minerId, null)
    expect(kinds()).toEqual(["unreadable"])
    expect(machine.acts).toEqual([])
  })

  it("C08 lets go when the site is disarmed, and leaves the machine as it is", () => {
    const { machine, miner } = add("SN-8", "10.0.0.8")
    interrupted(miner.minerId, "sleep")
    start()
    const asleep = { mining: false, power_mode: "sleep" as const }
    sample(miner.minerId, null, asleep)
    expect(guard.holds()).toHaveLength(1)
    guard.setPolicy({ ...POLICY, armed: false })
    sample(miner.minerId, null, asleep)
    expect(kinds().at(-1)).toBe("released")
    expect(guard.holds()).toEqual([])
    expect(guard.refusal(miner.minerId, "ENABLE")).toBeNull()
    expect(machine.acts).toEqual([])
  })

  it("C08 does not wake what somebody switched off while it was held", async () => {
    const { machine, miner } = add("SN-9", "10.0.0.9")
    interrupted(miner.minerId, "eco")
    start()
    sample(miner.minerId, 96, { power_mode: "eco" })
    expect(guard.refusal(miner.minerId, "DISABLE")).toBeNull()
    guard.commandActed(miner.minerId, "DISABLE")
    nowMs += 3_600_000
    sample(miner.minerId, null, { mining: false, power_mode: "sleep" })
    expect(kinds().at(-1)).toBe("released")
    expect(machine.acts).toEqual([])
  })
})

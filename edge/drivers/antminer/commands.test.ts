import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { DriverAction, Identity } from "../driver.ts"
import { type Floor, NEW_SECRET, OLD_SECRET, simulatedFloor } from "../test/simulated.ts"
import { antminerDriver } from "./driver.ts"

/** The stock Antminer's commands on its simulator, where conformance leaves off. */
const S19 = "127.79.1.1"
const S21 = "127.79.1.2"
const FIRST = "stratum+tcp://one.example:3333"
const SECOND = "stratum+tcp://two.example:3333"
const NEW = "stratum+tcp://new.example:3333"

let floor: Floor
let identities: Map<string, Identity>
beforeAll(async () => {
  const common = { pools: [FIRST, SECOND], worker: "acct.rig1" }
  floor = await simulatedFloor([
    { address: S19, profile: "s19-pro", ...common },
    { address: S21, profile: "s21", ...common },
  ])
  identities = new Map()
  for (const address of [S19, S21]) identities.set(address, await floor.known(address))
})
afterAll(() => floor.close())
beforeEach(async () => {
  for (const address of [S19, S21]) await floor.reset(address)
})

const act = (address: string, action: DriverAction, signal?: AbortSignal) =>
  antminerDriver.act(floor.at(address, signal), identities.get(address)!, action)
const settings = (address: string) => floor.farm.miner(address).settings
async function done(address: string, action: DriverAction) {
  const outcome = await act(address, action)
  if (!outcome.ok) throw new Error(outcome.fault.message)
  return outcome.value
}
const power = (mode: "eco" | "sleep" | "normal" | "high"): DriverAction => ({
  type: "POWER_MODE",
  parameters: { mode },
})

describe("power", () => {
  it("A22: low power where the machine has it, and it hashes less", async () => {
    expect(await done(S19, power("eco"))).toMatchObject({
      ran: "set_miner_conf.cgi",
      before: { power_mode: "normal" },
      after: { power_mode: "eco" },
    })
    expect(settings(S19).mode).toBe(3)
    await floor.farm.advance(3_600_000)
    const reading = await antminerDriver.read(floor.at(S19), identities.get(S19)!)
    if (!reading.ok) throw new Error(reading.fault.message)
    expect(reading.value.hashrate_5s_ghs).toBeLessThan(110_000 * 0.85)
    expect(reading.value.hashrate_5s_ghs).toBeGreaterThan(110_000 * 0.7)
    expect(await act(S21, power("eco"))).toMatchObject({ ok: false, fault: { kind: "unsupported" } })
    expect(settings(S21).mode).toBe(0)
  })

  it("A30: disable sleeps, enable wakes, and enable leaves low power as it is", async () => {
    await done(S19, { type: "DISABLE", parameters: {} })
    await floor.settle()
    expect(floor.farm.miner(S19).state()).toBe("sleeping")
    expect(await done(S19, { type: "ENABLE", parameters: {} })).toMatchObject({
      before: { power_mode: "sleep" },
      after: { power_mode: "normal" },
    })
    settings(S19).mode = 3
    expect(await done(S19, { type: "ENABLE", parameters: {} })).toMatchObject({ already: true })
    expect(settings(S19).mode).toBe(3)
  })

  it("A22: high and a limit in watts are refused with the reason", async () => {
    expect(await act(S19, power("high"))).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported", message: expect.stringMatching(/S19 Pro .*mode 2/) },
    })
    expect(await act(S19, { type: "POWER_MODE", parameters: { power_limit_w: 3000 } })).toMatchObject({
      fault: { message: expect.stringContaining("watts") },
    })
  })
})

describe("pools", () => {
  const change = (
    parameters: Extract<DriverAction, { type: "CHANGE_POOL" }>["parameters"],
  ): DriverAction => ({
    type: "CHANGE_POOL",
    parameters,
  })

  it("A23: the whole list, each slot with its own worker, the rest emptied", async () => {
    const report = await done(
      S19,
      change({ pools: [{ url: NEW, worker_name: "client.{worker}", password: NEW_SECRET }] }),
    )
    expect(settings(S19).pools).toEqual([{ url: NEW, user: "client.rig1", pass: NEW_SECRET }])
    expect(report).toMatchObject({
      message: `The pools are ${NEW} as client.rig1.`,
      before: { pools: [{ url: FIRST, user: "acct.rig1" }, { url: SECOND }] },
      after: { pools: [{ url: NEW, user: "client.rig1" }] },
    })
  })

  it("D07: one slot, the others keep address, worker and password", async () => {
    settings(S21).pools[1]!.user = "acct.backup"
    const report = await done(
      S21,
      change({
        pools: [{ url: NEW, worker_name: "client.{worker}", password: NEW_SECRET }],
        pool_number: 1,
      }),
    )
    expect(report.message).toContain("Pool slot 1")
    expect(settings(S21).pools).toEqual([
      { url: FIRST, user: "acct.rig1", pass: OLD_SECRET },
      { url: NEW, user: "client.backup", pass: NEW_SECRET },
    ])
  })

  it("D07: an empty slot takes the worker of the first pool", async () => {
    await done(S21, change({ pools: [{ url: NEW, worker_name: "{worker}", password: "x" }], pool_number: 2 }))
    expect(settings(S21).pools[2]).toEqual({ url: NEW, user: "rig1", pass: "x" })
    expect(
      settings(S21)
        .pools.slice(0, 2)
        .map((pool) => pool.url),
    ).toEqual([FIRST, SECOND])
  })

  it("A23: another password alone is a change, and is not told", async () => {
    const report = await done(
      S19,
      change({
        pools: [{ url: FIRST, worker_name: "acct.rig1", password: NEW_SECRET }],
        pool_number: 0,
      }),
    )
    expect(report).toMatchObject({ verified: true, message: expect.stringContaining("A password changed.") })
    expect(settings(S19).pools[0]!.pass).toBe(NEW_SECRET)
    expect(JSON.stringify(report)).not.toContain(NEW_SECRET)
  })

  it("A23: a worker that cannot be filled changes nothing", async () => {
    for (const pool of settings(S19).pools) pool.user = "nodot"
    const before = floor.writes(S19).length
    expect(
      await act(S19, change({ pools: [{ url: NEW, worker_name: "c.{worker}", password: "x" }] })),
    ).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
    expect(floor.writes(S19)).toHaveLength(before)
  })
})

describe("frequency", () => {
  const set = (frequency_mhz: number, profile?: string): DriverAction => ({
    type: "SET_FREQ",
    parameters: profile === undefined ? { frequency_mhz } : { frequency_mhz, profile },
  })

  it.each([
    [525, 100, 525],
    [500, 95, 498.8],
    [450, 85, 446.3],
    [263, 50, 262.5],
  ])("A24: %s of 525 MHz is level %s", async (mhz, level, really) => {
    settings(S19).frequencyPercent = 70
    const report = await done(S19, set(mhz))
    expect(settings(S19).frequencyPercent).toBe(level)
    expect(report.message).toContain(`${level} % of 525 MHz`)
    expect(report.message).toContain(`${really} MHz`)
    expect(report.after).toEqual({ frequency_level_pct: level, frequency_mhz: really })
  })

  it("A24: shows in the machine's own readings", async () => {
    await done(S19, set(420))
    await floor.farm.advance(3_600_000)
    const reading = await antminerDriver.read(floor.at(S19), identities.get(S19)!)
    expect(reading).toMatchObject({ ok: true, value: { frequency_avg: 420 } })
  })

  it.each([526, 240])("A24: %s MHz are out of reach", async (mhz) => {
    const before = floor.writes(S19).length
    expect(await act(S19, set(mhz))).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
    expect(floor.writes(S19)).toHaveLength(before)
  })

  it("A24: says that a profile had no part in it", async () => {
    expect((await done(S19, set(500, "stock"))).message).toContain('"stock" had no part')
  })
})

describe("fans", () => {
  it.each([
    [
      { fan_mode: "manual", fan_speed_pct: 80 },
      { fanManual: true, fanPwm: 80 },
    ],
    [{ fan_mode: "immersion" }, { fanManual: true, fanPwm: 0 }],
  ] as const)("A25: %o, whatever limits stand beside it", async (policy, expected) => {
    const limits = { temp_warning_c: 75, temp_critical_c: 85 }
    await done(S19, { type: "THERMAL_POLICY", parameters: { ...policy, ...limits } })
    expect(settings(S19)).toMatchObject(expected)
    await done(S19, { type: "THERMAL_POLICY", parameters: { fan_mode: "auto" } })
    expect(settings(S19)).toMatchObject({ fanManual: false })
  })
})

describe("answers that do not come", () => {
  const sleep = power("sleep")

  it("a connection cut after the change: it reads back so", async () => {
    const before = floor.writes(S19).length
    floor.farm.fault(S19, "act-drop-after")
    expect(await done(S19, sleep)).toMatchObject({
      verified: true,
      message: expect.stringContaining("answer was lost"),
    })
    expect(floor.writes(S19)).toHaveLength(before + 1)
    expect(settings(S19).mode).toBe(1)
  })

  it("a connection cut before the change: nobody knows, and nothing is sent twice", async () => {
    floor.farm.fault(S19, "act-drop-before")
    const seq = floor.farm.acts(S19).length
    expect(await act(S19, sleep)).toMatchObject({ ok: false, sent: true, fault: { kind: "timeout" } })
    expect(
      floor.farm
        .acts(S19)
        .slice(seq)
        .map(({ kind }) => kind),
    ).toEqual(["ignored"])
  })

  it.each(["act-silent", "act-lost", "act-hold"] as const)("%s: nobody knows", async (kind) => {
    floor.farm.fault(S19, kind)
    const signal = AbortSignal.timeout(400)
    expect(await act(S19, sleep, signal)).toMatchObject({
      ok: false,
      sent: true,
      fault: { kind: "timeout" },
    })
  })

  it.each(["act-drop-before", "act-silent"] as const)("%s of a restart: nobody knows", async (kind) => {
    floor.farm.fault(S19, kind)
    const restart: DriverAction = { type: "REBOOT", parameters: { mode: "soft" } }
    expect(await act(S19, restart, AbortSignal.timeout(400))).toMatchObject({ ok: false, sent: true })
  })

  it("a machine that says no did not do it", async () => {
    floor.farm.fault(S19, "act-refuse")
    for (const action of [sleep, { type: "LED", parameters: { state: "on" } }] as const)
      expect(await act(S19, action)).toMatchObject({ ok: false, sent: false })
    expect(await act(S19, sleep)).toMatchObject({
      fault: { kind: "refused", message: expect.stringContaining("M001") },
    })
    expect(settings(S19).mode).toBe(0)
  })
})

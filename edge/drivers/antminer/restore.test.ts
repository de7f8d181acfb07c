import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { Identity, MinerSettings } from "../driver.ts"
import { IDENTITY, machine, stopMachines } from "../test/antminer-machine.ts"
import { antminerRpc, antminerWeb } from "../test/machines.ts"
import { type Floor, OLD_SECRET, simulatedFloor } from "../test/simulated.ts"
import { antminerDriver } from "./driver.ts"

const S19 = "127.79.3.1"
const POOLS = ["stratum+tcp://one.example:3333", "stratum+tcp://two.example:3333"]
let floor: Floor
let identity: Identity
let saved: MinerSettings
beforeAll(async () => {
  floor = await simulatedFloor([
    {
      address: S19,
      profile: "s19-pro",
      pools: POOLS,
      worker: "acct.rig1",
      conf: { "vendor-key": "now", "admin-password": "web-secret" },
    },
  ])
  identity = await floor.known(S19)
})
afterAll(() => floor.close())
afterEach(stopMachines)
beforeEach(async () => {
  await floor.reset(S19)
  const miner = floor.farm.miner(S19)
  Object.assign(miner.settings, { mode: 3, fanManual: true, fanPwm: 70, frequencyPercent: 90 })
  const taken = await antminerDriver.backup!(floor.at(S19), identity)
  if (!taken.ok) throw new Error(taken.fault.message)
  saved = taken.value
})

const restore = (settings: MinerSettings, signal?: AbortSignal) =>
  antminerDriver.act(floor.at(S19, signal), identity, { type: "RESTORE_CONFIG", settings })
const look = (settings: MinerSettings) =>
  antminerDriver.look!(floor.at(S19), identity, { type: "RESTORE_CONFIG", settings })
const upset = () =>
  Object.assign(floor.farm.miner(S19).settings, {
    mode: 0,
    fanManual: false,
    frequencyPercent: 60,
    pools: [{ url: "stratum+tcp://x.example:1", user: "x.y", pass: "z" }],
    extra: { "vendor-key": "later", "admin-password": "other" },
  })

describe("D08 D09 backup", () => {
  it("holds all that a user can set, no secret in clear, the passwords apart", () => {
    expect(saved.passwords).toEqual([OLD_SECRET, OLD_SECRET])
    expect(saved.config).toMatchObject({
      family: "antminer-stock",
      model: "S19 Pro",
      firmware_version: identity.firmwareVersion,
      pools: POOLS.map((url) => ({ url, user: "acct.rig1" })),
      power_mode: "eco",
      frequency_mhz: 472.5,
      frequency_level_pct: 90,
      voltage_v: 14,
      fan: { mode: "manual", speed_pct: 70 },
      network: {
        dhcp: true,
        hostname: "Antminer",
        ip_address: S19,
        netmask: "255.255.255.0",
        dns: ["8.8.8.8"],
      },
      raw: { get_miner_conf: { "vendor-key": "now", "admin-password": "***" }, get_network_info: {} },
    })
    const stored = JSON.stringify(saved.config)
    expect(stored).not.toContain(OLD_SECRET)
    expect(stored).not.toContain("web-secret")
  })
})

it("D08: an image of the older kind is read as far as it tells", async () => {
  const conf = { pools: [{ url: "stratum+tcp://a.example:1", user: "u", pass: "" }], "bitmain-freq": "650" }
  const { context, web } = await machine(
    antminerRpc(),
    antminerWeb({ "/cgi-bin/get_miner_conf.cgi": { body: conf } }),
  )
  const taken = await antminerDriver.backup!(context, { ...IDENTITY, model: "S9" })
  expect(taken).toMatchObject({
    ok: true,
    value: {
      passwords: [""],
      config: { power_mode: null, frequency_level_pct: null, frequency_mhz: 650, fan: null, network: null },
    },
  })
  expect(web!.bodies).toEqual([])
})

describe("D20 restore", () => {
  it("puts pools with their passwords, mode, fans and level back, and nothing else", async () => {
    upset()
    const outcome = await restore(saved)
    expect(outcome).toMatchObject({
      ok: true,
      value: {
        verified: true,
        message: expect.stringContaining("network settings stay"),
        before: { power_mode: "normal", frequency_level_pct: 60 },
        after: { power_mode: "eco", frequency_level_pct: 90, fan: { mode: "manual", speed_pct: 70 } },
      },
    })
    expect(floor.farm.miner(S19).settings).toMatchObject({
      mode: 3,
      fanManual: true,
      fanPwm: 70,
      frequencyPercent: 90,
      pools: POOLS.map((url) => ({ url, user: "acct.rig1", pass: OLD_SECRET })),
      extra: { "vendor-key": "later", "admin-password": "other" },
    })
    expect(JSON.stringify(outcome)).not.toContain(OLD_SECRET)
  })

  it("writes nothing when it is so already", async () => {
    const before = floor.writes(S19).length
    expect(await restore(saved)).toMatchObject({ ok: true, value: { already: true } })
    expect(floor.writes(S19)).toHaveLength(before)
  })

  const raw = (more: object): MinerSettings => ({
    ...saved,
    config: {
      ...saved.config,
      raw: { get_miner_conf: { ...(saved.config.raw.get_miner_conf as object), ...more } },
    },
  })
  it.each<[string, () => MinerSettings]>([
    ["another family", () => ({ ...saved, config: { ...saved.config, family: "whatsminer-v2" } })],
    ["another model", () => ({ ...saved, config: { ...saved.config, model: "S21" } })],
    ["no configuration", () => ({ ...saved, config: { ...saved.config, raw: {} } })],
    ["passwords of other pools", () => ({ ...saved, passwords: ["one"] })],
    [
      "more pools than slots",
      () => ({
        passwords: [],
        config: { ...saved.config, pools: Array.from({ length: 4 }, () => saved.config.pools[0]!) },
      }),
    ],
    ["a mode that means anything", () => raw({ "bitmain-work-mode": "2" })],
    ["a fan speed of 700 %", () => raw({ "bitmain-fan-pwm": "700" })],
    ["a level above nominal", () => raw({ "bitmain-freq-level": "110" })],
  ])("refuses %s, and writes nothing", async (_what, made) => {
    upset()
    const before = floor.writes(S19).length
    expect(await restore(made())).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
    expect(floor.writes(S19)).toHaveLength(before)
  })

  it("looked at after an answer that nobody saw: done, not done", async () => {
    upset()
    floor.farm.fault(S19, "act-drop-before")
    expect(await restore(saved, AbortSignal.timeout(500))).toMatchObject({ ok: false, sent: true })
    expect(await look(saved)).toEqual({ ok: true, value: false })
    floor.farm.fault(S19, "clear")
    upset()
    floor.farm.fault(S19, "act-lost")
    expect(await restore(saved, AbortSignal.timeout(500))).toMatchObject({ ok: false, sent: true })
    expect(await look(saved)).toEqual({ ok: true, value: true })
    expect(await look({ ...saved, passwords: ["other", "other"] })).toEqual({ ok: true, value: false })
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { DriverAction, DriverContext } from "../driver.ts"
import { driverFor } from "../registry.ts"
import { type Floor, NEW_SECRET, OLD_SECRET, simulatedFloor } from "../test/simulated.ts"
import { forgetTokens } from "./token.ts"

const M50S = "127.81.0.1"
const M30S = "127.81.0.2"
const M21S = "127.81.0.3"
const LOCKED = "127.81.0.4"

let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([
    { address: M50S, profile: "m50s" },
    { address: M30S, profile: "m30s" },
    { address: M21S, profile: "m21s" },
    { address: LOCKED, profile: "m50s", privileged: false },
  ])
})
afterAll(() => floor.close())
beforeEach(async () => {
  forgetTokens()
  for (const address of [M50S, M30S, M21S, LOCKED]) {
    floor.farm.miner(address).memory.clear()
    await floor.reset(address)
  }
})

async function run(address: string, action: DriverAction, more: Partial<DriverContext> = {}) {
  const identity = await floor.known(address)
  return driverFor(identity.family)!.act({ ...floor.at(address), ...more }, identity, action)
}
const led = (state: "on" | "off"): DriverAction => ({ type: "LED", parameters: { state } })
const pause: DriverAction = { type: "DISABLE", parameters: {} }
const asked = (address: string, command: string) => floor.farm.miner(address).readsByCommand?.[command] ?? 0
/** Writes of this test alone. */
const since = (address: string) => {
  const before = floor.farm.acts(address).length
  return () => floor.farm.acts(address).slice(before)
}

describe("tokens (B13)", () => {
  it("one serves the writes of 25 minutes, and a forgotten one is renewed at once", async () => {
    const before = asked(M50S, "get_token")
    const tokens = () => asked(M50S, "get_token") - before
    let nowMs = 0
    const now = () => nowMs
    await run(M50S, led("on"), { now })
    await run(M50S, led("off"), { now })
    expect(tokens()).toBe(1)
    nowMs += 26 * 60_000
    await run(M50S, led("on"), { now })
    expect(tokens()).toBe(2)
    floor.farm.miner(M50S).memory.clear() // it has rebooted
    expect(await run(M50S, led("off"), { now })).toMatchObject({ ok: true, value: { verified: true } })
    expect(tokens()).toBe(3)
  })

  it("D19 all taken is busy, and says for how long", async () => {
    const miner = floor.farm.miner(M50S)
    miner.memory.set(
      "whatsminer tokens",
      Array.from({ length: 32 }, () => ({ time: "1234", newsalt: "x", untilS: miner.nowS() + 1_000 })),
    )
    expect(await run(M50S, led("on"))).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "busy", message: expect.stringContaining("half an hour") },
    })
  })

  it("a wrong password is told once and rests an hour; the assigned one goes before the factory's", async () => {
    floor.farm.miner(M50S).password = "site-pw"
    const refused: string[] = []
    const taken: string[] = []
    const more = {
      now: () => 0,
      loginRefused: (name: string) => refused.push(name),
      loginAccepted: () => taken.push("yes"),
    }
    const written = since(M50S)
    expect(await run(M50S, led("on"), more)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "auth" },
    })
    expect(refused).toEqual(["admin"])
    const tries = written().length
    expect(await run(M50S, led("on"), more)).toMatchObject({ ok: false, fault: { kind: "auth" } })
    expect(written()).toHaveLength(tries)
    const credentials = { username: "admin", password: "site-pw" }
    expect(await run(M50S, led("on"), { ...more, credentials })).toMatchObject({ ok: true })
    expect([refused, taken]).toEqual([["admin"], ["yes"]])
  })
})

describe("what a machine says no to", () => {
  it("D19 an API that is off says so, with what to do, and nothing ran", async () => {
    for (const action of [led("on"), pause, firmware("/nowhere")] as const)
      expect(await run(LOCKED, action)).toMatchObject({
        ok: false,
        sent: false,
        fault: { kind: "refused", message: expect.stringMatching(/WhatsMinerTool|cannot be read/) },
      })
    expect(floor.writes(LOCKED)).toEqual([])
  })

  it("a limit above the nameplate is refused; API 2.0.4 takes none", async () => {
    const limit: DriverAction = { type: "POWER_MODE", parameters: { power_limit_w: 9_000 } }
    expect(await run(M50S, limit)).toMatchObject({ ok: false, sent: false, fault: { kind: "refused" } })
    expect(await run(M30S, limit)).toMatchObject({
      ok: false,
      fault: { kind: "unsupported", message: expect.stringContaining("2.0.5") },
    })
  })
})

describe("answers that get lost (B14)", () => {
  it("settles them by reading: applied is done, not applied is unknown, refused is no", async () => {
    floor.farm.fault(M50S, "act-drop-after", 1)
    expect(await run(M50S, pause)).toMatchObject({
      ok: true,
      value: { verified: true, message: expect.stringContaining("answer was lost") },
    })
    await floor.reset(M50S)
    floor.farm.fault(M50S, "act-drop-before", 1)
    expect(await run(M50S, pause)).toMatchObject({ ok: false, sent: true, fault: { kind: "timeout" } })
    expect(floor.farm.miner(M50S).sleeping).toBe(false)
    floor.farm.fault(M50S, "act-refuse", 1)
    expect(await run(M50S, pause)).toMatchObject({ ok: false, sent: false, fault: { kind: "refused" } })
  })

  it("A21 a restart is sent once and never again", async () => {
    const written = since(M50S)
    floor.farm.fault(M50S, "act-lost", 1)
    const signal = AbortSignal.timeout(700)
    const action: DriverAction = { type: "REBOOT", parameters: { mode: "soft" } }
    expect(await run(M50S, action, { signal })).toMatchObject({ ok: false, sent: true })
    expect(written().filter(({ kind }) => kind === "reboot-soft")).toHaveLength(1)
  })
})

describe("A22 firmware that changes its mode without a word", () => {
  it("leaves it unknown while it is away, and is found so afterwards", async () => {
    const eco: DriverAction = { type: "POWER_MODE", parameters: { mode: "eco" } }
    expect(await run(M30S, eco)).toMatchObject({ ok: false, sent: true, fault: { kind: "timeout" } })
    await floor.settle()
    expect(await run(M30S, eco)).toMatchObject({ ok: true, value: { already: true } })
  })
})

describe("the oldest daemons (A30)", () => {
  it("take plain commands with a token where they know no envelope, and keep their login", async () => {
    const refused: string[] = []
    const loginRefused = (name: string) => refused.push(name)
    expect(await run(M21S, led("on"), { loginRefused })).toMatchObject({
      ok: true,
      value: { verified: true },
    })
    expect(await run(M21S, pause, { loginRefused })).toMatchObject({ ok: true, value: { verified: true } })
    expect(floor.farm.miner(M21S).sleeping).toBe(true)
    expect(refused).toEqual([])
  })

  it("change their password too, without a proof", async () => {
    const action: DriverAction = { type: "SET_LOGIN", parameters: { password: "abc_12" } }
    expect(await run(M21S, action)).toMatchObject({ ok: true, value: { verified: false, username: "admin" } })
    expect(floor.farm.miner(M21S).password).toBe("abc_12")
  })
})

describe("A23 pools", () => {
  const pool = (host: string, worker: string) => ({
    url: `stratum+tcp://${host}.example:3333`,
    worker_name: worker,
    password: NEW_SECRET,
  })

  it("one slot changes, the others keep address and worker and say what became of their passwords", async () => {
    const before = floor.farm.miner(M50S).settings.pools
    const action: DriverAction = {
      type: "CHANGE_POOL",
      parameters: { pools: [pool("second", "acct.{worker}")], pool_number: 1 },
    }
    const outcome = await run(M50S, action)
    expect(outcome).toMatchObject({
      ok: true,
      value: { verified: true, message: expect.stringContaining('"x"') },
    })
    const pools = floor.farm.miner(M50S).settings.pools
    expect(pools[0]).toEqual({ ...before[0], pass: "x" })
    expect(pools[1]).toMatchObject({
      url: "stratum+tcp://second.example:3333",
      user: `acct.${before[1]!.user.split(".").slice(1).join(".")}`,
      pass: NEW_SECRET,
    })
    for (const secret of [OLD_SECRET, NEW_SECRET]) expect(JSON.stringify(outcome)).not.toContain(secret)
  })

  it("three replace all three", async () => {
    const pools = ["one", "two", "three"].map((host) => pool(host, "a.b"))
    expect(await run(M50S, { type: "CHANGE_POOL", parameters: { pools } })).toMatchObject({ ok: true })
    expect(floor.farm.miner(M50S).settings.pools.map(({ url }) => url)).toEqual(pools.map(({ url }) => url))
  })
})

describe("A22 A24 power and frequency", () => {
  it("a paused machine works again at the mode that is asked for", async () => {
    await run(M50S, pause)
    const eco: DriverAction = { type: "POWER_MODE", parameters: { mode: "eco" } }
    await run(M50S, eco)
    await floor.settle()
    expect(floor.farm.miner(M50S).settings.mode).toBe(3)
    expect(await run(M50S, eco)).toMatchObject({ ok: true, value: { already: true } })
  })

  it("a frequency is the nearest per cent, and stays when it comes back", async () => {
    const action: DriverAction = { type: "SET_FREQ", parameters: { frequency_mhz: 500, profile: "stock" } }
    expect(await run(M50S, action)).toMatchObject({
      ok: true,
      value: {
        ran: "set_target_freq",
        verified: true,
        message: expect.stringMatching(/-17 % of the factory's 600 MHz, which is 498 MHz.*"stock"/),
      },
    })
    expect(await run(M50S, action)).toMatchObject({ ok: true, value: { already: true } })
    const beyond: DriverAction = { type: "SET_FREQ", parameters: { frequency_mhz: 1_500 } }
    expect(await run(M50S, beyond)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported", message: expect.stringContaining("1200 MHz") },
    })
  })
})

describe("SET_LOGIN", () => {
  it("takes what the API takes, proves it, and leaves a machine alone that has it already", async () => {
    const change = (password: string): DriverAction => ({ type: "SET_LOGIN", parameters: { password } })
    expect(await run(M50S, change("too-long-for-it"))).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported" },
    })
    expect(
      await run(M50S, { type: "SET_LOGIN", parameters: { username: "root", password: "x" } }),
    ).toMatchObject({
      ok: false,
      fault: { kind: "unsupported" },
    })
    floor.farm.fault(M50S, "act-drop-after", 1)
    const done = await run(M50S, change("fresh_1"))
    expect(done).toMatchObject({ ok: true, value: { verified: true, username: "admin" } })
    expect(JSON.stringify(done)).not.toContain("fresh_1")
    expect(await run(M50S, change("fresh_1"))).toMatchObject({ ok: true, value: { already: true } })
    expect(await run(M50S, change("other_2"))).toMatchObject({ ok: false, fault: { kind: "auth" } })
  })
})

function firmware(path: string): DriverAction {
  return {
    type: "UPDATE_FIRMWARE",
    file: { path, fileName: "image.bin", version: "20990101.01.REL", sha256: "0".repeat(64), sizeBytes: 9 },
  }
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { DriverAction } from "../driver.ts"
import { type Floor, OLD_SECRET, simulatedFloor } from "../test/simulated.ts"
import { forgetTokens } from "../transport/token-session.ts"
import { braiinsDriver } from "./driver.ts"
import { askGraphql } from "./graphql.ts"

const XP = "127.80.3.1"
const J25 = "127.80.3.2"
const S9 = "127.80.3.3"
const OLD = "127.80.3.4"
const ALL = [XP, J25, S9, OLD]
let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([
    { address: XP, profile: "bos-s19-xp" },
    { address: J25, profile: "bos-s19j-pro" },
    { address: S9, profile: "bos-s9" },
    { address: OLD, profile: "bosminer-s9" },
  ])
})
afterAll(() => floor.close())
beforeEach(async () => {
  forgetTokens()
  for (const address of ALL) await floor.reset(address)
})
const run = async (address: string, action: DriverAction) =>
  braiinsDriver.act(floor.at(address), await floor.known(address), action)
const read = async (address: string) => {
  const reading = await braiinsDriver.read(floor.at(address), await floor.known(address))
  if (!reading.ok) throw new Error(reading.fault.message)
  return reading.value
}
const settings = (address: string) => floor.farm.miner(address).settings
const since = (address: string) => {
  const before = floor.writes(address).length
  return () => floor.writes(address).slice(before)
}

describe("what each release tells", () => {
  it("A02 model, version and MAC, whatever the interface", async () => {
    const told = []
    for (const address of ALL) {
      const { model, firmwareVersion, mac } = await floor.known(address)
      told.push([model, firmwareVersion?.slice(-10), mac === null])
    }
    expect(told).toEqual([
      ["S19 XP", "25.07-plus", false],
      ["S19j Pro", "25.05-plus", false],
      ["S9", "22.08-plus", false],
      ["S9", "0-08c2a1fb", false],
    ])
  })

  it("A02 serials of boards where the release knows them, and nothing spoiled where it does not", async () => {
    expect((await read(J25)).boards!.every(({ serial }) => serial !== null)).toBe(true)
    expect((await read(S9)).boards!.map(({ serial, chips_ok }) => [serial, chips_ok])).toEqual([
      [null, 63],
      [null, 63],
      [null, 63],
    ])
  })

  it("asks for an unknown field once, and never again", async () => {
    const fields = { bos: { hostname: true, madeUp: { inner: true } } } as const
    expect(await askGraphql(floor.at(S9), fields)).toMatchObject({ ok: true })
    const miner = floor.farm.miner(S9)
    const asked = miner.reads
    expect(await askGraphql(floor.at(S9), fields)).toMatchObject({ ok: true })
    expect(miner.reads).toBe(asked + 1)
  })

  it("B13 the command port's figures where the login is refused, and it says so", async () => {
    for (const address of [XP, S9]) {
      const identity = await floor.known(address)
      floor.farm.fault(address, "other-password")
      forgetTokens()
      floor.farm.miner(address).memory.clear()
      const refused: string[] = []
      const context = { ...floor.at(address), loginRefused: (user: string) => void refused.push(user) }
      const reading = await braiinsDriver.read(context, identity)
      expect(reading).toMatchObject({
        ok: true,
        value: { mining: true, boards_total: 3, error_message: expect.stringContaining("needs a login") },
      })
      expect(refused).toEqual(["root"])
    }
  })

  it("A30 a machine that refuses the login is known by its interface, and acts by it later", async () => {
    floor.farm.fault(XP, "other-password")
    const identity = await floor.known(XP)
    expect(identity).toMatchObject({ family: "braiins", firmwareVersion: "REST API 1.7.0", mac: null })
    expect(braiinsDriver.capabilities(identity).can("POWER_MODE.limit").ok).toBe(true)
    expect(
      await braiinsDriver.act(floor.at(XP), identity, { type: "LED", parameters: { state: "on" } }),
    ).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "auth" },
    })
  })

  it("B14 a token that a restart made void is had anew, and the write runs once", async () => {
    const written = since(XP)
    await read(XP)
    floor.farm.miner(XP).memory.clear()
    expect(await run(XP, { type: "LED", parameters: { state: "on" } })).toMatchObject({ ok: true })
    expect(written().map(({ kind }) => kind)).toEqual(["blink"])
  })

  it("D19 an old release says what it can, by name", async () => {
    const identity = await floor.known(OLD)
    expect(braiinsDriver.capabilities(identity).can("CHANGE_POOL")).toMatchObject({
      ok: false,
      fault: { kind: "unsupported", message: expect.stringContaining("command port") },
    })
    expect(braiinsDriver.capabilities(identity).can("DISABLE").ok).toBe(true)
  })
})

describe("what is written", () => {
  it.each([
    XP,
    S9,
  ])("A22 a power target of %s outside its range is refused with the range, unsent", async (address) => {
    const written = since(address)
    expect(await run(address, { type: "POWER_MODE", parameters: { power_limit_w: 20_000 } })).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported", message: expect.stringMatching(/range of \d+ to \d+ W/) },
    })
    expect(written()).toEqual([])
  })

  it.each([
    XP,
    S9,
  ])("A22 a write of %s whose answer is lost is settled by reading, and sent once", async (address) => {
    const written = since(address)
    floor.farm.fault(address, "act-drop-after")
    expect(await run(address, { type: "POWER_MODE", parameters: { power_limit_w: 1_200 } })).toMatchObject({
      ok: true,
      value: { verified: true, message: expect.stringContaining("answer was lost") },
    })
    expect(written()).toHaveLength(1)
  })

  it.each([XP, J25])("A30 a refusal of %s is told in its words, and changes nothing", async (address) => {
    floor.farm.fault(address, "act-refuse")
    expect(await run(address, { type: "DISABLE", parameters: {} })).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused", message: expect.stringContaining("cannot do this now") },
    })
    expect(floor.farm.miner(address).sleeping).toBe(false)
  })

  it("A30 a pause that is cut off before it ran is known not to have run, nor taken for done", async () => {
    floor.farm.fault(OLD, "act-drop-before")
    expect(await run(OLD, { type: "DISABLE", parameters: {} })).toMatchObject({ ok: false, sent: true })
    expect(floor.farm.miner(OLD).sleeping).toBe(false)
  })

  it("A23 one slot changes and the others keep address, worker and password, where it is told", async () => {
    const [first] = settings(XP).pools
    const parameters = {
      pools: [{ url: "stratum+tcp://new.example:3333", worker_name: "acct.{worker}", password: "q" }],
      pool_number: 1,
    }
    expect(await run(XP, { type: "CHANGE_POOL", parameters })).toMatchObject({
      ok: true,
      value: { verified: true },
    })
    expect(settings(XP).pools).toEqual([
      { ...first, pass: OLD_SECRET },
      { url: "stratum+tcp://new.example:3333", user: expect.stringMatching(/^acct\./), pass: "q" },
    ])
    const other = { ...parameters, pools: [{ ...parameters.pools[0]!, password: "r" }] }
    expect(await run(XP, { type: "CHANGE_POOL", parameters: other })).toMatchObject({ ok: true })
    expect(settings(XP).pools[1]!.pass).toBe("r")
  })

  it("A23 GraphQL does not tell passwords, and says what the others have now", async () => {
    const parameters = {
      pools: [{ url: "stratum+tcp://new.example:3333", worker_name: 'odd"name\\1', password: "q" }],
      pool_number: 0,
    }
    expect(await run(S9, { type: "CHANGE_POOL", parameters })).toMatchObject({
      ok: true,
      value: { verified: true, message: expect.stringContaining('they have "x" now') },
    })
    expect(settings(S9).pools.map(({ user, pass }) => [user, pass])).toEqual([
      ['odd"name\\1', "q"],
      [expect.any(String), "x"],
    ])
  })

  it("a backup of another model, or of another family, is refused", async () => {
    const identity = await floor.known(XP)
    const taken = await braiinsDriver.backup!(floor.at(XP), identity)
    if (!taken.ok) throw new Error(taken.fault.message)
    const { config, passwords } = taken.value
    for (const change of [{ model: "S21" }, { family: "luxos" }])
      expect(
        await run(XP, { type: "RESTORE_CONFIG", settings: { config: { ...config, ...change }, passwords } }),
      ).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
    const action = { type: "RESTORE_CONFIG", settings: taken.value } as const
    expect(await braiinsDriver.look!(floor.at(XP), identity, action)).toEqual({ ok: true, value: true })
    settings(XP).powerLimitW = 1_100
    expect(await braiinsDriver.look!(floor.at(XP), identity, action)).toEqual({ ok: true, value: false })
  })
})

import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import type { DriverAction, Identity } from "../driver.ts"
import { nerdqaxeDriver } from "../nerdqaxe/driver.ts"
import { contextFor } from "../test/fake-miner.ts"
import { axeosDriver } from "./driver.ts"
import { optionsOf, stepFor } from "./frequency.ts"
import { identityOf } from "./identify.ts"
import { mapInfo } from "./map.ts"
import { poolPatch } from "./pools.ts"
import { fanOf, poolsOf } from "./settings.ts"
import { isSince } from "./version.ts"

const GAMMA = {
  ASICModel: "BM1370",
  boardVersion: "602",
  version: "v2.14.1",
  macAddr: "aa:bb:cc:00:11:22",
  asicCount: 1,
  smallCoreCount: 2040,
  frequency: 525,
  hashRate: 1050,
  temp: 58,
  vrTemp: 55,
  fanrpm: 4100,
  fan2rpm: 0,
  stratumURL: "pool.example",
  stratumPort: 3333,
  stratumUser: "acct.one",
  autofanspeed: 1,
}

type Board = { asked: string[]; busiest: number; port: number; close: () => Promise<void> }
const open: Board[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((board) => board.close()))
})

/** A board that counts how many requests it has at once. */
async function board(info: object, status = 200): Promise<Board> {
  let now = 0
  const made: Board = { asked: [], busiest: 0, port: 0, close: async () => undefined }
  const server = createServer((request, response) => {
    now += 1
    made.busiest = Math.max(made.busiest, now)
    made.asked.push(`${request.method} ${request.url}`)
    request.resume().on("end", () =>
      setImmediate(() => {
        now -= 1
        response.writeHead(status).end(JSON.stringify(info))
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  made.port = (server.address() as AddressInfo).port
  made.close = () => new Promise((resolve) => server.close(() => resolve()))
  open.push(made)
  return made
}

const identity = (over: Partial<Identity> = {}): Identity => ({ ...identityOf(GAMMA)!, ...over })

describe("A02 what a board tells", () => {
  it("takes booleans, numbers and texts for the same thing", () => {
    for (const yes of [true, 1, "1", "true"])
      expect(mapInfo({ ...GAMMA, overheat_mode: yes }).errors!.map(({ code }) => code)).toEqual([
        "overheat_mode",
      ])
    for (const no of [false, 0, "0", null, undefined])
      expect(mapInfo({ ...GAMMA, overheat_mode: no }).errors).toEqual([])
    expect(mapInfo({ ...GAMMA, isUsingFallbackStratum: true }).pools!.map(({ active }) => active)).toEqual([
      false,
    ])
  })

  it("takes its marks of a missing sensor for unknown", () => {
    for (const temp of [-1, -50, 0, "-1"])
      expect(mapInfo({ ...GAMMA, temp, vrTemp: temp }).boards![0]).toMatchObject({
        temp: null,
        temp_chip_max: null,
      })
    expect(mapInfo({ ...GAMMA, power: 0 }).power_consumption).toBeUndefined()
    expect(mapInfo({}).boards![0]).toMatchObject({ hashrate: null, chips_ok: null })
    expect(mapInfo({}).mining).toBeNull()
  })

  it("reckons what it should do from cores, chips and clock where it does not say", () => {
    expect(mapInfo(GAMMA).hashrate_expected_ghs).toBeCloseTo(1071)
    expect(mapInfo({ ...GAMMA, expectedHashrate: 1099 }).hashrate_expected_ghs).toBe(1099)
    expect(mapInfo({ ...GAMMA, asicCount: undefined, boardVersion: "303" }).boards![0]!.chips_total).toBe(6)
  })

  it("knows one fan from two", () => {
    expect(mapInfo(GAMMA).fan_speeds).toEqual([4100])
    expect(mapInfo({ ...GAMMA, fan2rpm: 3900 }).fan_speeds).toEqual([4100, 3900])
    expect(mapInfo({ ...GAMMA, fanrpm2: 0, fanCount: 2 }).fan_speeds).toEqual([4100, 0])
    expect(mapInfo({ ...GAMMA, fans: [{ rpm: 1 }, { rpm: "2" }] }).fan_speeds).toEqual([1, 2])
  })

  it("paused or shut down is at rest, and words its faults", () => {
    expect(mapInfo({ ...GAMMA, miningPaused: true })).toMatchObject({ mining: false, power_mode: "sleep" })
    expect(mapInfo({ ...GAMMA, shutdown: true })).toMatchObject({ mining: false, power_mode: "sleep" })
    const codes = (more: object) => mapInfo({ ...GAMMA, ...more }).errors!.map(({ code }) => code)
    expect(codes({ power_fault: "over current", hardware_fault: "" })).toEqual(["power_fault"])
    expect(codes({ power_fault: 0, hardware_fault: 3 })).toEqual(["hardware_fault"])
  })

  it("names its pools whole, from the older keys or the newer list", () => {
    expect(poolsOf(GAMMA)[0]).toEqual({ url: "stratum+tcp://pool.example:3333", user: "acct.one" })
    expect(poolsOf({ ...GAMMA, stratumTLS: 1 })[0]!.url).toBe("stratum+ssl://pool.example:3333")
    expect(poolsOf({ ...GAMMA, stratumProtocol: "SV2" })[0]!.url).toBe("stratum2+tcp://pool.example:3333")
    expect(poolsOf({ ...GAMMA, stratumURL: "stratum+tcp://other.example" })[0]!.url).toBe(
      "stratum+tcp://other.example:3333",
    )
    const pools = ["a", "b"].map((name) => ({
      stratumURL: `${name}.example`,
      stratumPort: 1,
      stratumUser: name,
    }))
    expect(poolsOf({ pools, primaryPoolIndex: 1, secondaryPoolIndex: 0 }).map((pool) => pool!.user)).toEqual([
      "b",
      "a",
    ])
    expect(poolsOf({ pools: [null, "x"], primaryPoolIndex: "no" })).toEqual([null, null])
  })
})

describe("C01 what it is", () => {
  it("tells the products of one chip, the fork and the clones apart", () => {
    expect(identityOf(GAMMA)).toMatchObject({
      family: "axeos",
      make: "Bitaxe",
      model: "Gamma",
      mac: "AA:BB:CC:00:11:22",
    })
    expect(identityOf({ ...GAMMA, boardVersion: "999" })!.model).toBe("BM1370")
    expect(identityOf({ ...GAMMA, deviceModel: "NerdOCTAXE-γ" })).toMatchObject({
      family: "nerdqaxe",
      model: "NerdOCTAXE-γ",
    })
    expect(identityOf({ ...GAMMA, deviceModel: "Q1370" })!.family).toBe("nerdqaxe")
    expect(identityOf({ ...GAMMA, minerModel: "LV07" })).toMatchObject({
      family: "axeos",
      make: "Lucky Miner",
      model: "LV07",
    })
    expect(identityOf({ hostname: "printer" })).toBeNull()
  })

  it("asks a board that its table lacks for its name", async () => {
    const unknown = await board({ ...GAMMA, boardVersion: "999", deviceModel: "Prototype" })
    expect(await axeosDriver.identify(contextFor(unknown.port, unknown.port))).toMatchObject({
      ok: true,
      value: { model: "Prototype" },
    })
  })

  it("reads versions", () => {
    expect(isSince("v2.14.0b1", 2, 14)).toBe(true)
    expect(isSince("v2.4.5-3-gb5d1e36-dirty", 2, 5)).toBe(false)
    expect(isSince("v3.0", 2, 14)).toBe(true)
    expect(isSince(null, 2, 5)).toBe(false)
  })
})

describe("what it can", () => {
  it("A22 pausing came with 2.14, greeting with 2.12, the list of frequencies with 2.5", () => {
    const can = (version: string, feature: "DISABLE" | "LED" | "SET_FREQ") =>
      axeosDriver.capabilities(identity({ firmwareVersion: version })).can(feature).ok
    expect([can("v2.13.9", "DISABLE"), can("v2.14.0", "DISABLE")]).toEqual([false, true])
    expect([can("v2.11.0", "LED"), can("v2.12.0", "LED")]).toEqual([false, true])
    expect([can("v2.4.5", "SET_FREQ"), can("v2.5.0", "SET_FREQ")]).toEqual([false, true])
  })

  it("A24 takes the nearest step, and nothing outside of its range", () => {
    const options = optionsOf({ frequencyOptions: [525, "400", 490, null, "x"] })
    expect(options).toEqual([400, 490, 525])
    expect(stepFor(500, options, false)).toEqual({ ok: true, value: 490 })
    expect(stepFor(500.4, options, true)).toEqual({ ok: true, value: 500 })
    expect(stepFor(399, options, true)).toMatchObject({ ok: false, fault: { kind: "unsupported" } })
    expect(stepFor(500, [], true).ok).toBe(false)
  })

  it("A23 sets encryption only where the firmware tells that it has it", () => {
    const pool = { url: "stratum+ssl://p.example:443", user: "u", pass: "x" }
    expect(poolPatch([pool], GAMMA)).toMatchObject({ ok: false })
    expect(poolPatch([pool], { ...GAMMA, stratumTLS: 0 })).toMatchObject({
      ok: true,
      value: { stratumURL: "p.example", stratumPort: 443, stratumTLS: 1 },
    })
    expect(poolPatch([null, { url: "", user: "", pass: "" }], GAMMA)).toMatchObject({
      ok: true,
      value: { fallbackStratumURL: "" },
    })
    expect(poolPatch([{ ...pool, url: "stratum2+tcp://p.example:1/key" }], GAMMA).ok).toBe(false)
  })

  it("A25 knows the fork's third way of running the fan", () => {
    expect(fanOf({ autofanspeed: 2 })).toEqual({ mode: "auto", speedPct: null })
    expect(fanOf({ autofanspeed: 0, manualFanSpeed: 70, fanspeed: 66 })).toEqual({
      mode: "manual",
      speedPct: 70,
    })
    expect(fanOf({ autofanspeed: false, fanspeed: 66 })).toEqual({ mode: "manual", speedPct: 66 })
    expect(fanOf({})).toBeNull()
  })
})

describe("how it is asked", () => {
  it("one request at a time, whoever asks", async () => {
    const made = await board(GAMMA)
    const context = contextFor(made.port, made.port)
    const read = () => axeosDriver.read(context, identity())
    const answers = await Promise.all([read(), read(), axeosDriver.identify(context), read()])
    expect(answers.every(({ ok }) => ok)).toBe(true)
    expect(made.busiest).toBe(1)
  })

  it("says why a caller from outside is turned away", async () => {
    const made = await board({}, 401)
    const answer = await axeosDriver.read(contextFor(made.port, made.port), identity())
    expect(answer).toMatchObject({ ok: false, fault: { kind: "refused" } })
    if (!answer.ok) expect(answer.fault.message).toContain("private address")
  })

  it("an act of whose turn never comes sends nothing", async () => {
    const made = await board(GAMMA)
    const context = { ...contextFor(made.port, made.port), signal: AbortSignal.abort() }
    const act: DriverAction = { type: "REBOOT", parameters: { mode: "hard" } }
    expect(await axeosDriver.act(context, identity(), act)).toMatchObject({ ok: false, sent: false })
    expect(made.asked).toEqual([])
  })

  it("with one-time codes on, a Nerd machine is read and not set", async () => {
    const info = { ...GAMMA, deviceModel: "NerdQAxe++", otp: true }
    const made = await board(info)
    const context = contextFor(made.port, made.port)
    const nerd = identityOf(info)!
    expect((await nerdqaxeDriver.read(context, nerd)).ok).toBe(true)
    const act: DriverAction = { type: "DISABLE", parameters: {} }
    expect(await nerdqaxeDriver.act(context, nerd, act)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported" },
    })
    expect(made.asked.every((line) => line.startsWith("GET"))).toBe(true)
  })

  it("refuses a file that is no firmware before it sends anything", async () => {
    const made = await board(GAMMA)
    const file = { path: import.meta.filename, fileName: "www.bin", version: "v3", sha256: "0", sizeBytes: 9 }
    expect(
      await axeosDriver.act(contextFor(made.port, made.port), identity(), { type: "UPDATE_FIRMWARE", file }),
    ).toMatchObject({ ok: false, sent: false, fault: { kind: "refused" } })
    expect(made.asked).toEqual([])
  })
})

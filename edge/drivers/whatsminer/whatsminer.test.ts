import { afterEach, describe, expect, it } from "vitest"
import { contextFor, errorReply, type FakeRpc, fakeRpc, section } from "../test/fake-miner.ts"
import { whatsminerRpc } from "../test/machines.ts"
import { whatsminerDriver } from "./driver.ts"
import { errorMeaning } from "./error-codes.ts"
import { mapErrorCodes } from "./map.ts"
import { splitModel, whatsminerFacts } from "./models.ts"

const open: FakeRpc[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((fake) => fake.close()))
})

async function machine(more: FakeRpc["answers"] = {}) {
  const rpc = await fakeRpc(whatsminerRpc(more))
  open.push(rpc)
  const context = contextFor(rpc.port, 1)
  const identity = await whatsminerDriver.identify(context)
  if (!identity.ok) throw new Error(identity.fault.message)
  rpc.asked.length = 0
  return { rpc, identity: identity.value, reading: await whatsminerDriver.read(context, identity.value) }
}

describe("identity", () => {
  it("takes model, firmware, MAC and serial from their reports", async () => {
    const { identity } = await machine()
    expect(identity).toMatchObject({
      family: "whatsminer-v2",
      model: "M50S VH50",
      firmwareVersion: "20230803.11.REL",
      mac: "02:AA:BB:CC:DD:02",
      serial: "WMSYNTH2",
    })
  })

  it("falls back to summary on v1, which knows no get_miner_info", async () => {
    const unknown = errorReply(14, "invalid cmd")
    const { identity } = await machine({ get_miner_info: unknown, get_version: unknown })
    expect(identity).toMatchObject({
      mac: "02:AA:BB:CC:DD:02",
      serial: null,
      firmwareVersion: "20230803.11.REL",
    })
  })

  it("names v3 firmware by its date", async () => {
    const { identity, reading } = await machine({
      get_version: { STATUS: "S", Code: 131, Msg: { fw_ver: "20250214.16.REL" } },
    })
    expect(identity.family).toBe("whatsminer-v3")
    expect(reading.ok).toBe(true)
  })
})

describe("reading", () => {
  it("is one joined request and the error codes", async () => {
    const { rpc, reading } = await machine()
    expect(rpc.asked).toEqual(["summary+devs+pools", "get_error_code"])
    expect(reading).toMatchObject({
      ok: true,
      value: {
        hashrate_ghs: 120300,
        hashrate_5s_ghs: 119900,
        hashrate_expected_ghs: 121000,
        power_consumption: 3310,
        efficiency: 27.61,
        power_mode: "eco",
        fan_speeds: [5100, 5000],
        temperature_max: 79.5,
        temperature_inlet: 27.5,
        voltage_avg: 12.1,
        boards_total: 3,
        boards_healthy: 3,
        overall_health: "healthy",
        mining: true,
        errors: [{ code: "531", message: expect.stringMatching(/^Board 1: not found\. Reseat/) }],
      },
    })
    expect(
      reading.ok &&
        reading.value.boards!.map((board) => [board.id, board.serial, board.chips_ok, board.chips_total]),
    ).toEqual([
      [0, "PCB0", 135, 135],
      [1, "PCB1", 135, 135],
      [2, "PCB2", 135, 135],
    ])
  })

  it("asks singly where joining is not understood, and remembers it", async () => {
    const answers = whatsminerRpc()
    delete answers["+"]
    const rpc = await fakeRpc(answers)
    open.push(rpc)
    const context = contextFor(rpc.port, 1)
    const identity = {
      family: "whatsminer-v2",
      make: "WhatsMiner",
      model: null,
      firmware: null,
      firmwareVersion: null,
      mac: null,
      serial: null,
      confidence: 1,
      evidence: [],
    }
    for (const wanted of [
      ["summary+devs+pools", "summary", "devs", "pools", "get_error_code"],
      ["summary", "devs", "pools", "get_error_code"],
    ]) {
      expect(await whatsminerDriver.read(context, identity)).toMatchObject({
        ok: true,
        value: { mac: "02:AA:BB:CC:DD:02", mining: true },
      })
      expect(rpc.asked.splice(0)).toEqual(wanted)
    }
  })

  it("knows a machine that was switched off from one that starts", async () => {
    const still = section("SUMMARY", [
      { Elapsed: 60, "MHS av": 0, "HS RT": 0, "Error Code Count": 0, Power: -1 },
    ])
    const off = await machine({
      summary: still,
      status: { STATUS: "S", Code: 131, Msg: { btmineroff: "true" } },
    })
    expect(off.reading).toMatchObject({
      ok: true,
      value: { mining: false, power_mode: "sleep", overall_health: "healthy", power_consumption: null },
    })
    const starting = await machine({ summary: still })
    expect(starting.reading).toMatchObject({
      ok: true,
      value: { mining: false, power_mode: null, errors: [] },
    })
  })

  it("calls a lost board critical", async () => {
    const answers = whatsminerRpc()
    const devs = (answers.devs as { DEVS: object[] }).DEVS.slice(0, 2)
    const { reading } = await machine({ devs: section("DEVS", devs, 9) })
    expect(reading).toMatchObject({
      ok: true,
      value: { boards_total: 3, boards_healthy: 2, overall_health: "critical" },
    })
  })

  it("makes a fault of a cut report and of an empty one", async () => {
    const whole = JSON.stringify(whatsminerRpc().summary)
    const cut = await machine({
      "summary+devs+pools": (socket) => socket.end(`{"summary":[${whole}],"devs":[{"STATUS`),
    })
    expect(cut.reading).toMatchObject({ ok: false, fault: { kind: "garbled" } })
    const empty = await machine({ summary: section("SUMMARY", []) })
    expect(empty.reading).toMatchObject({ ok: false, fault: { kind: "garbled" } })
  })
})

it("reads every shape of the error list", () => {
  const codes = (given: unknown) => mapErrorCodes({ error_code: given })?.map((error) => error.code)
  expect(codes([{ 218: "2024" }, 531, "110", "0", "x"])).toEqual(["218", "531", "110"])
  expect(codes({ 218: "2024-01-01 00:00:00" })).toEqual(["218"])
  expect(codes([])).toEqual([])
  expect(codes("none")).toBeUndefined()
})

describe("error codes (A02)", () => {
  it.each([
    ["218", "Mains below 230 V in high-power mode. Use normal power, or bring the mains above 230 V."],
    ["532", /^Board 2: not found\. Reseat/],
    ["2021", /^Pool 1: connection failed\. Check the pool/],
    ["329", /^Control board: temperature read error\. /],
    ["321", /^Board 1: temperature read error\. /],
    ["520011", /^Board 0, chip 11: wrong nonce\. /],
    ["5625", /^Board 2, chip 5: no nonce\. /],
    ["5080", /^Temperature calibration failed\. /],
    ["8524", /^Voltage below performance level 2\. /],
    ["268", /^Power supply output over-current protection\. /],
    ["100002", /^Security library or signature invalid\. /],
    ["987654", "Error 987654, which this release does not know. Look it up at the vendor."],
    ["42", /^Error 42, /],
  ])("words %s with what to do", (code, words) => {
    expect(errorMeaning(code)).toMatch(words)
  })

  it("tells of every code that the table holds what to do, within what a sample carries", () => {
    for (let code = 100; code < 120_000; code += 1) {
      const words = errorMeaning(String(code))
      expect(words.length).toBeLessThan(256)
      expect(words).not.toMatch(/ n:|undefined/)
    }
  })
})

it("finds models in the catalogue", () => {
  expect(splitModel("M30S+VE41")).toEqual({ series: "M30S+", version: "VE41" })
  expect(splitModel("M50SVH50")).toEqual({ series: "M50S", version: "VH50" })
  expect(whatsminerFacts("M30S+VE41")).toEqual({ boards: 3, chips: 156, fans: 2 })
  expect(whatsminerFacts("M30S++_VG30")).toEqual({ boards: 3, chips: 111, fans: 2 })
  expect(whatsminerFacts("M60 VK6A")).toEqual({ boards: 3, chips: 172, fans: 2 })
  expect(whatsminerFacts("M63S VK10")).toEqual({ boards: 4, chips: 340, fans: 0 })
  expect(whatsminerFacts("M20S+ V30")).toEqual({ boards: 3, chips: null, fans: 2 })
  expect(whatsminerFacts("X1")).toBeNull()
})

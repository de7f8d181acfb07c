import { afterEach, describe, expect, it } from "vitest"
import type { DriverContext, Reading } from "../driver.ts"
import { IDENTITY, machine, stopMachines } from "../test/antminer-machine.ts"
import { closedPort, errorReply, section } from "../test/fake-miner.ts"
import { antminerRpc, antminerWeb, CONF } from "../test/machines.ts"
import { antminerDriver } from "./driver.ts"

afterEach(stopMachines)

async function readingOf(context: DriverContext, identity = IDENTITY): Promise<Reading> {
  const reading = await antminerDriver.read(context, identity)
  if (!reading.ok) throw new Error(reading.fault.message)
  return reading.value
}

describe("identity", () => {
  it("takes the model from RPC and MAC, serial and image from the web", async () => {
    const { context } = await machine(antminerRpc())
    expect(await antminerDriver.identify(context)).toMatchObject({
      ok: true,
      value: {
        model: "S19 Pro",
        mac: "02:AA:BB:CC:DD:01",
        serial: "SYNTH0001",
        firmwareVersion: "Fri Nov 17 17:37:21 CST 2023",
      },
    })
  })

  it("stands without the web, and asks a refusing login once an hour", async () => {
    let now = 1_000_000
    const { context, web } = await machine(antminerRpc(), antminerWeb(), { now: () => now })
    web!.password = "changed"
    expect(await antminerDriver.identify(context)).toMatchObject({
      ok: true,
      value: { model: "S19 Pro", mac: null, serial: null },
    })
    const tries = web!.challenges
    await antminerDriver.identify(context)
    expect(web!.challenges).toBe(tries)
    const assigned = { ...context, credentials: { username: "root", password: "changed" } }
    expect(await antminerDriver.identify(assigned)).toMatchObject({
      ok: true,
      value: { serial: "SYNTH0001" },
    })
    now += 3_600_001
    web!.password = "root"
    web!.forget()
    expect(await antminerDriver.identify(context)).toMatchObject({ ok: true, value: { serial: "SYNTH0001" } })
  })

  it("stands on the web alone", async () => {
    const { context } = await machine({})
    const dead = { ...context, address: { ...context.address, rpcPort: await closedPort() } }
    expect(await antminerDriver.identify(dead)).toMatchObject({
      ok: true,
      value: { model: "S19 Pro", serial: "SYNTH0001" },
    })
  })
})

describe("reading", () => {
  it("needs three requests and no web", async () => {
    const { context, rpc, web } = await machine(antminerRpc())
    const reading = await readingOf(context)
    expect(rpc.asked).toEqual(["summary", "stats", "pools"])
    expect(web!.asked).toEqual([])
    expect(reading).toMatchObject({
      hashrate_5s_ghs: 99301.5,
      hashrate_ghs: 99000,
      hashrate_expected_ghs: 110000,
      temperature_max: 67,
      temperature_min: 61,
      fan_speeds: [5800, 5810, 5790, 5805],
      frequency_avg: 520,
      accepted_shares: 900,
      mining: true,
      boards_total: 3,
      boards_healthy: 3,
      overall_health: "healthy",
      power_consumption: null,
      efficiency: null,
      pool_url: "stratum+tcp://one.example:3333",
      worker_name: "acct.rig1",
      hardware_errors: 9,
    })
    expect(reading.boards).toHaveLength(3)
    expect(reading.boards![0]).toEqual({
      id: 0,
      hashrate: 33100.5,
      temp: 51,
      temp_chip_max: 67,
      frequency: 520,
      voltage: null,
      chips_ok: 114,
      chips_total: 114,
      serial: null,
    })
  })

  it("shows a board that the model has and the machine lost as dead, not as an empty slot", async () => {
    const { context } = await machine(antminerRpc([114, 0, 114, 0]))
    const reading = await readingOf(context)
    expect(
      reading.boards!.map((board) => [board.id, board.chips_ok, board.chips_total, board.hashrate]),
    ).toEqual([
      [0, 114, 114, 33100.5],
      [1, 0, 114, null],
      [2, 114, 114, 33100.5],
    ])
    expect(reading).toMatchObject({ boards_total: 3, boards_healthy: 2, overall_health: "critical" })
  })

  it("counts bad chips by their marks", async () => {
    const { context } = await machine(
      antminerRpc([114, 114, 114, 0], { chain_acs2: ` ${"o".repeat(110)}xx-x` }),
    )
    expect((await readingOf(context)).boards![1]).toMatchObject({ chips_ok: 110, chips_total: 114 })
  })

  it("reads power where it is offered, and efficiency from it and the rate of now", async () => {
    const { context } = await machine(antminerRpc([114, 114, 114, 0], { chain_power: "3250 W" }))
    expect(await readingOf(context)).toMatchObject({ power_consumption: 3250, efficiency: 32.73 })
  })

  it("fetches boards from the web where the image answers no stats", async () => {
    const { context, web } = await machine({ ...antminerRpc(), stats: errorReply(14, "Invalid command") })
    const reading = await readingOf(context)
    expect(reading.boards!.map((board) => [board.id, board.serial])).toEqual([
      [0, "SN0"],
      [1, "SN1"],
      [2, "SN2"],
    ])
    expect(reading).toMatchObject({
      fan_speeds: [5800, 0, 5790, 5805],
      overall_health: "critical",
      accepted_shares: 900,
      power_mode: "normal",
    })
    expect(web!.asked).toEqual(["GET /cgi-bin/stats.cgi"])
  })

  it("survives a refused login with what RPC tells", async () => {
    const { context, web } = await machine({ ...antminerRpc(), stats: errorReply(14, "Invalid command") })
    web!.password = "changed"
    const reading = await readingOf(context)
    expect(reading).toMatchObject({
      hashrate_5s_ghs: 99301.5,
      boards: null,
      boards_total: null,
      fan_speeds: null,
      mining: true,
    })
    expect(reading.error_message).toMatch(/login/)
  })

  it("reads stats in the newer shape", async () => {
    const routes = antminerWeb()
    const stats = (routes["/cgi-bin/stats.cgi"] as { body: object }).body
    const { context, web } = await machine({ ...antminerRpc(), stats })
    const reading = await readingOf(context)
    expect(reading.boards).toHaveLength(3)
    expect(web!.asked).toEqual([])
  })

  it.each([
    ["1", "sleep", "healthy"],
    ["0", "normal", "healthy"],
  ])("tells sleeping from starting by the configured mode %s", async (mode, power_mode, health) => {
    const web = antminerWeb({
      "/cgi-bin/get_miner_conf.cgi": { body: { ...CONF, "bitmain-work-mode": mode } },
    })
    const { context } = await machine(
      { ...antminerRpc(), stats: section("STATS", [], 70), summary: section("SUMMARY", []) },
      web,
    )
    expect(await readingOf(context)).toMatchObject({
      online: true,
      mining: false,
      power_mode,
      overall_health: health,
      hashrate_5s_ghs: null,
    })
  })

  it("answers through the web when the command port is shut", async () => {
    const { context } = await machine({})
    const shut = { ...context, address: { ...context.address, rpcPort: await closedPort() } }
    const reading = await readingOf(shut)
    expect(reading).toMatchObject({
      hashrate_5s_ghs: 99301.5,
      accepted_shares: 900,
      hardware_errors: 9,
      worker_name: "acct.rig1",
    })
    expect(reading.errors).toEqual([{ code: "fans:3", message: "fan 2 lost" }])
    expect(reading.boards).toHaveLength(3)
  })

  it.each(["summary", "stats", "pools"])("makes a fault, never a sample, of a cut %s", async (command) => {
    const answers = antminerRpc()
    const whole = JSON.stringify(answers[command])
    const { context } = await machine({
      ...answers,
      [command]: (socket) => socket.end(whole.slice(0, whole.length * 0.6)),
    })
    expect(await antminerDriver.read(context, IDENTITY)).toMatchObject({
      ok: false,
      fault: { kind: "garbled" },
    })
  })

  it("repeats as often as it may, in all", async () => {
    let failures = 1
    const answers = antminerRpc()
    const summary = JSON.stringify(answers.summary)
    const { context, rpc } = await machine(
      { ...answers, summary: (socket) => socket.end(failures-- > 0 ? "{" : summary) },
      null,
      { retry: [1] },
    )
    expect((await antminerDriver.read(context, IDENTITY)).ok).toBe(true)
    expect(rpc.asked).toEqual(["summary", "summary", "stats", "pools"])
  })

  it("reports mended replies", async () => {
    const answers = antminerRpc()
    const stats = JSON.stringify(answers.stats).replace("},{", "}{")
    const mended: unknown[] = []
    const { context } = await machine({ ...answers, stats }, null, {
      repaired: (command, repairs) => mended.push([command, repairs]),
    })
    expect((await readingOf(context)).boards).toHaveLength(3)
    expect(mended).toEqual([["stats", ["missing-commas"]]])
  })
})

import { afterEach, describe, expect, it } from "vitest"
import type { CommandAction } from "#server/contract/commands.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import {
  closedPort,
  contextFor,
  errorReply,
  type FakeRpc,
  type FakeWeb,
  fakeRpc,
  fakeWeb,
  section,
} from "../test/fake-miner.ts"
import { antminerRpc, antminerWeb, CONF, DENIED, GRANTED } from "../test/machines.ts"
import { closeHttpSockets } from "../transport/http-client.ts"
import { forgetRefusedLogins } from "../transport/refused-logins.ts"
import { repostBody } from "./act.ts"
import { antminerDriver } from "./driver.ts"
import { mapFans, mapRpc, slotBase } from "./map-rpc.ts"
import { antminerFacts } from "./models.ts"

const open: (FakeRpc | FakeWeb)[] = []
afterEach(async () => {
  closeHttpSockets()
  forgetRefusedLogins()
  await Promise.all(open.splice(0).map((fake) => fake.close()))
})

async function machine(
  answers: FakeRpc["answers"],
  routes: FakeWeb["routes"] | null = antminerWeb(),
  more: Partial<DriverContext> = {},
) {
  const rpc = await fakeRpc(answers)
  open.push(rpc)
  const web = routes === null ? null : await fakeWeb(routes)
  if (web) open.push(web)
  return { rpc, web, context: contextFor(rpc.port, web?.port ?? (await closedPort()), more) }
}

const IDENTITY: Identity = {
  family: "antminer-stock",
  make: "Antminer",
  model: "S19 Pro",
  firmware: "stock",
  firmwareVersion: "x",
  mac: null,
  serial: null,
  confidence: 1,
  evidence: [],
}

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

describe("the flat layout", () => {
  const s9 = {
    Elapsed: 5000,
    "GHS 5s": "13,500.5",
    "GHS av": 13400,
    total_rateideal: 13500,
    chain_acn1: 0,
    chain_acn2: 0,
    chain_acn6: 63,
    chain_acn7: 63,
    chain_acn8: 63,
    chain_acs6: " oooooooo",
    chain_rate6: "4500",
    temp6: 61,
    temp2_6: 80,
    fan1: 0,
    fan3: 4300,
    fan6: 4200,
    fan_num: 2,
  }

  it("finds the first slot of S9 machines", () => {
    expect(slotBase(s9)).toBe(6)
    expect(slotBase({ chain_acn11: 5 })).toBe(11)
    expect(slotBase({})).toBe(1)
    const reading = mapRpc(
      { summary: undefined, stats: { ...s9, chain_acs6: "" }, pools: [] },
      antminerFacts("S9"),
    )
    expect(reading.boards!.map((board) => board.id)).toEqual([0, 1, 2])
    expect(reading.boards![0]).toMatchObject({ temp: 61, temp_chip_max: 80, chips_ok: 63, chips_total: 63 })
    expect(reading).toMatchObject({ hashrate_5s_ghs: 13500.5, mining: true })
  })

  it("parts stopped fans from headers without one", () => {
    expect(mapFans(s9, antminerFacts("S9"))).toEqual([4300, 4200])
    expect(
      mapFans({ fan1: 5000, fan2: 0, fan3: 5000, fan4: 5000, fan5: 0 }, antminerFacts("S19 Pro")),
    ).toEqual([5000, 0, 5000, 5000])
    expect(mapFans({ fan1: "Socket connect failed", fan_num: 0 }, null)).toBeNull()
    expect(mapFans({ fan1: 0, fan2: 0 }, antminerFacts("S21 Hyd"))).toEqual([])
  })

  it("counts in the unit that the machine names", () => {
    const stats = { "GHS 5s": 9500, "GHS av": 9400, total_rateideal: 9500, rate_unit: "MH", Elapsed: 5000 }
    const reading = mapRpc({ summary: { "GHS 5s": 9500 }, stats, pools: [] }, antminerFacts("L7"))
    expect(reading).toMatchObject({ hashrate_5s_ghs: 9.5, hashrate_expected_ghs: 9.5 })
  })

  it("does not call boards dead before hashing began", () => {
    const starting = { chain_acn1: 0, chain_acn2: 0, chain_acn3: 0, "GHS 5s": 0, Elapsed: 30 }
    expect(
      mapRpc({ summary: undefined, stats: starting, pools: [] }, antminerFacts("S19")).boards!.map(
        (board) => board.chips_ok,
      ),
    ).toEqual([null, null, null])
    const dead = { ...starting, Elapsed: 3000 }
    expect(
      mapRpc({ summary: undefined, stats: dead, pools: [] }, antminerFacts("S19")).boards!.map(
        (board) => board.chips_ok,
      ),
    ).toEqual([0, 0, 0])
  })
})

describe("acts", () => {
  const hard: CommandAction = { type: "REBOOT", parameters: { mode: "hard" } }
  const soft: CommandAction = { type: "REBOOT", parameters: { mode: "soft" } }
  const led = (state: "on" | "off"): CommandAction => ({ type: "LED", parameters: { state } })

  it("reboots the control board with one GET, a dropped connection being its yes", async () => {
    const { context, web } = await machine(antminerRpc())
    const done = await antminerDriver.act(context, IDENTITY, hard)
    expect(done).toMatchObject({
      ok: true,
      value: { ran: "reboot.cgi", before: { uptime_seconds: 7200 }, verified: false },
    })
    expect(web!.asked.filter((each) => each.includes("reboot"))).toHaveLength(1)
  })

  it("does not know what became of a reboot that is never answered", async () => {
    const { context } = await machine(
      antminerRpc(),
      antminerWeb({ "/cgi-bin/reboot.cgi": () => ({ body: {}, act: () => controller.abort() }) }),
    )
    const controller = new AbortController()
    expect(await antminerDriver.act({ ...context, signal: controller.signal }, IDENTITY, hard)).toMatchObject(
      { ok: false, sent: true, fault: { kind: "timeout" } },
    )
  })

  it("sends nothing when the login is refused or the port is shut", async () => {
    const { context, web } = await machine(antminerRpc())
    web!.password = "changed"
    expect(await antminerDriver.act(context, IDENTITY, hard)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "auth" },
    })
    expect(web!.asked).toEqual([])
    const shut = await machine(antminerRpc(), null)
    expect(await antminerDriver.act(shut.context, IDENTITY, hard)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused" },
    })
  })

  it("restarts by RPC only where privileged", async () => {
    const { context, rpc, web } = await machine({ ...antminerRpc(), privileged: GRANTED, restart: "RESTART" })
    expect(await antminerDriver.act(context, IDENTITY, soft)).toMatchObject({
      ok: true,
      value: { ran: "restart" },
    })
    expect(rpc.asked.at(-1)).toBe("restart")
    expect(web!.asked).toEqual([])
  })

  it("else posts the unchanged configuration, every key of it, and reads it back", async () => {
    const { context, rpc, web } = await machine({ ...antminerRpc(), privileged: DENIED })
    const done = await antminerDriver.act(context, IDENTITY, soft)
    expect(done).toMatchObject({
      ok: true,
      value: { verified: true, before: { uptime_seconds: 7200 }, after: { changed_settings: [] } },
    })
    expect(rpc.asked).not.toContain("restart")
    expect(web!.bodies).toHaveLength(1)
    const sent = JSON.parse(web!.bodies[0]!)
    expect(sent).toMatchObject({
      ...CONF,
      pools: expect.anything(),
      "bitmain-work-mode": 0,
      "miner-mode": 0,
      "freq-level": "100",
    })
    expect(sent.pools).toEqual([
      CONF.pools[0],
      { url: "", user: "", pass: "" },
      { url: "", user: "", pass: "" },
    ])
    expect(JSON.stringify(done)).not.toContain("pool-secret")
  })

  it("reports a miner that refuses its configuration as not run", async () => {
    const refusal = {
      "/cgi-bin/set_miner_conf.cgi": { body: { stats: "error", code: "M001", msg: "bad pool" } },
    }
    const { context } = await machine({ ...antminerRpc(), privileged: DENIED }, antminerWeb(refusal))
    expect(await antminerDriver.act(context, IDENTITY, soft)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused" },
    })
  })

  it("does not post a configuration without a work mode", () => {
    expect(repostBody({ pools: [], "bitmain-freq": "675" })).toBeNull()
    expect(repostBody({ "bitmain-work-mode": "0" })).toBeNull()
  })

  it("switches the light and reads it back", async () => {
    const { context, web } = await machine(antminerRpc())
    expect(await antminerDriver.act(context, IDENTITY, led("on"))).toMatchObject({
      ok: true,
      value: { ran: "blink.cgi on", verified: true, before: { blink: false }, after: { blink: true } },
    })
    expect(web!.bodies).toEqual(['{"blink":"true"}'])
    expect(await antminerDriver.act(context, IDENTITY, led("off"))).toMatchObject({
      ok: true,
      value: { after: { blink: false } },
    })
  })

  it("believes the light, not the answer", async () => {
    const stuck = { "/cgi-bin/get_blink_status.cgi": { body: { blink: false } } }
    const { context } = await machine(antminerRpc(), antminerWeb(stuck))
    expect(await antminerDriver.act(context, IDENTITY, led("on"))).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused" },
    })
  })
})

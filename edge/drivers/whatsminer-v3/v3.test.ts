import { createServer, type Server, type Socket } from "node:net"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { sampleSchema } from "#server/contract/telemetry.ts"
import type { DriverAction, DriverContext } from "../driver.ts"
import { identifyMiner, readMiner } from "../registry.ts"
import { closedPort, contextFor, fakeRpc } from "../test/fake-miner.ts"
import { whatsminerRpc } from "../test/machines.ts"
import { type Floor, NEW_SECRET, simulatedFloor } from "../test/simulated.ts"
import { whatsminerV3Driver as driver } from "./driver.ts"
import { mapStatus } from "./map.ts"
import { forgetShutDoors } from "./shares.ts"

const M60S = "127.83.0.1"
const LOCKED = "127.83.0.2"

let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([
    { address: M60S, profile: "m60s" },
    { address: LOCKED, profile: "m60s", privileged: false },
  ])
})
afterAll(() => floor.close())
beforeEach(async () => {
  forgetShutDoors()
  for (const address of [M60S, LOCKED]) await floor.reset(address)
})
const open: Server[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await new Promise((done) => server.close(done))
})

const moved = (context: DriverContext, ports: Record<number, number>): DriverContext => ({
  ...context,
  address: {
    ...context.address,
    ...(ports[4028] ? { rpcPort: ports[4028] } : {}),
    ports: { ...context.address.ports, ...ports },
  },
})
async function run(address: string, action: DriverAction, more: Partial<DriverContext> = {}) {
  const context = { ...floor.at(address), ...more }
  const identity = await driver.identify(context)
  if (!identity.ok) throw new Error(identity.fault.message)
  return driver.act(context, identity.value, action)
}
const led: DriverAction = { type: "LED", parameters: { state: "on" } }

describe("reading", () => {
  it("A02 one joined status, the device's report, and shares from port 4028", async () => {
    const identity = await floor.known(M60S)
    expect(identity).toMatchObject({ family: "whatsminer-v3", model: "M60S VK40", api: "3.0.3" })
    const miner = floor.farm.miner(M60S)
    miner.readsByCommand = {}
    const reading = await readMiner(floor.at(M60S), identity)
    expect(miner.readsByCommand).toEqual({ "get.miner.status": 1, "get.device.info": 1, summary: 1 })
    expect(reading).toMatchObject({
      ok: true,
      value: {
        mining: true,
        power_mode: "normal",
        boards_total: 3,
        boards_healthy: 3,
        overall_health: "healthy",
        accepted_shares: expect.any(Number),
        errors: [],
        serial: identity.serial,
      },
    })
    if (reading.ok) expect(reading.value.boards!.every(({ serial }) => serial?.startsWith("BHM5"))).toBe(true)
  })

  it("without port 4028 counts no shares, rather than none, and does not knock again at once", async () => {
    const context = moved(floor.at(M60S), { 4028: await closedPort() })
    for (let poll = 0; poll < 2; poll += 1)
      expect(await readMiner(context, await floor.known(M60S))).toMatchObject({
        ok: true,
        value: { accepted_shares: null, mining: true },
      })
  })

  it("where 4433 is shut, all of it comes from 4028 under the same family", async () => {
    const context = moved(floor.at(M60S), { 4433: await closedPort() })
    const identity = await identifyMiner(context)
    expect(identity).toMatchObject({ ok: true, value: { family: "whatsminer-v3", model: "M60S VK40" } })
    if (!identity.ok) return
    expect(await readMiner(context, identity.value)).toMatchObject({
      ok: true,
      value: { mining: true, accepted_shares: expect.any(Number), boards_total: 3 },
    })
  })

  it("firmware of the v3 years that only answers on the one port that was named is read by its older reports", async () => {
    const dated = { STATUS: "S", Code: 131, Msg: { api_ver: "2.0.5", fw_ver: "20250214.16.REL" } }
    const rpc = await fakeRpc(whatsminerRpc({ get_version: dated }))
    const context = contextFor(rpc.port, await closedPort())
    const identity = await identifyMiner(context)
    if (!identity.ok) throw new Error(identity.fault.message)
    expect(identity.value.family).toBe("whatsminer-v3")
    expect(await readMiner(context, identity.value)).toMatchObject({
      ok: true,
      value: { mining: true, accepted_shares: 70 },
    })
    await rpc.close()
  })

  it("a sleeping machine is a sample, a dead board critical, its code worded", async () => {
    floor.farm.fault(M60S, "asleep")
    const asleep = await readMiner(floor.at(M60S), await floor.known(M60S))
    expect(asleep).toMatchObject({
      ok: true,
      value: { mining: false, power_mode: "sleep", overall_health: "healthy" },
    })
    await floor.reset(M60S)
    floor.farm.fault(M60S, "dead-board")
    expect(await readMiner(floor.at(M60S), await floor.known(M60S))).toMatchObject({
      ok: true,
      value: {
        overall_health: "critical",
        errors: [
          {
            code: expect.stringMatching(/^53\d$/),
            message: expect.stringMatching(/^Board \d: not found\. /),
          },
        ],
      },
    })
  })

  it("heartbeats before and pieces of an answer change nothing; another protocol is garbled", async () => {
    const frame = (text: string) => {
      const head = Buffer.alloc(4)
      head.writeUInt32LE(Buffer.byteLength(text))
      return Buffer.concat([head, Buffer.from(text)])
    }
    const listening = async (answer: (socket: Socket, text: string) => void) => {
      const server = createServer((socket) => {
        socket.on("error", () => undefined)
        socket.once("data", (bytes) => answer(socket, bytes.toString("utf8", 4)))
      })
      open.push(server)
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
      return (server.address() as { port: number }).port
    }
    const info =
      '{"code":0,"when":1,"msg":{"miner":{"type":"M60S_VK40"},"salt":"x"},"desc":"get.device.info"}'
    const patient = await listening((socket) => {
      socket.write(Buffer.alloc(8))
      for (const byte of frame(info)) socket.write(Buffer.from([byte]))
    })
    expect(await driver.identify(contextFor(patient, 1))).toMatchObject({
      ok: true,
      value: { model: "M60S VK40", mac: null },
    })
    const strange = await listening((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
    expect(await driver.identify(contextFor(strange, 1))).toMatchObject({
      ok: false,
      fault: { kind: "garbled" },
    })
  })

  it("makes a valid sample of odd values", () => {
    const map = (summary: object, more: object = {}) =>
      mapStatus({ summary, edevs: [{ id: "x", freq: "a" }], pools: [{ url: 5 }], ...more }, null, null)
    expect(
      map({ "factory-hash": -0.003, "power-realtime": -1, "hash-realtime": "1.5", elapsed: null }),
    ).toMatchObject({
      hashrate_5s_ghs: 1500,
      mining: true,
      power_mode: null,
      accepted_shares: null,
    })
    expect(map({ "factory-hash": -0.003 }).hashrate_expected_ghs).toBeUndefined()
    expect(mapStatus({}, { miner: { working: "false" } }, null)).toMatchObject({
      mining: false,
      power_mode: "sleep",
    })
    expect(sampleSchema.shape.errors.safeParse(map({}).errors).success).toBe(true)
  })
})

describe("signed commands", () => {
  it("D19 a switched-off API is seen before anything is sent", async () => {
    const before = floor.farm.acts(LOCKED).length
    expect(await run(LOCKED, led)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused", message: expect.stringContaining("WhatsMinerTool") },
    })
    expect(floor.farm.acts(LOCKED)).toHaveLength(before)
  })

  it("are signed by the machine's clock where it is far from ours", async () => {
    expect(Math.abs(floor.farm.miner(M60S).nowS() - Date.now() / 1000)).toBeGreaterThan(300)
    expect(await run(M60S, led)).toMatchObject({ ok: true, value: { verified: true } })
  })

  it("try the assigned login, then the factory's; a refused one rests, and both refused need a login", async () => {
    const refused: string[] = []
    const more = {
      now: () => 0,
      loginRefused: (name: string) => refused.push(name),
      credentials: { username: "admin", password: "assigned" },
    }
    expect(await run(M60S, led, more)).toMatchObject({ ok: true })
    floor.farm.miner(M60S).password = "another"
    const off: DriverAction = { type: "LED", parameters: { state: "off" } }
    expect(await run(M60S, off, more)).toMatchObject({ ok: false, sent: false, fault: { kind: "auth" } })
    expect(refused).toEqual(["super", "super"])
    const tries = floor.farm.acts(M60S).length
    expect(await run(M60S, off, more)).toMatchObject({ ok: false, fault: { kind: "auth" } })
    expect(floor.farm.acts(M60S)).toHaveLength(tries)
  })

  it("an account that was granted nothing is told so, and keeps its login", async () => {
    const refused: string[] = []
    const credentials = { username: "user1", password: "user1" }
    const outcome = await run(M60S, led, { credentials, loginRefused: (name) => refused.push(name) })
    expect(outcome).toMatchObject({ ok: false, sent: false, fault: { kind: "refused" } })
    expect(refused).toEqual([])
  })

  it("A23 pools go sealed; B14 a lost answer is settled by reading", async () => {
    const action: DriverAction = {
      type: "CHANGE_POOL",
      parameters: {
        pools: [
          { url: "stratum+tcp://sealed.example:3333", worker_name: "acct.{worker}", password: NEW_SECRET },
        ],
      },
    }
    floor.farm.fault(M60S, "act-drop-after", 1)
    expect(await run(M60S, action)).toMatchObject({
      ok: true,
      value: { verified: true, message: expect.stringContaining("answer was lost") },
    })
    expect(floor.farm.miner(M60S).settings.pools).toEqual([
      expect.objectContaining({ url: "stratum+tcp://sealed.example:3333", pass: NEW_SECRET }),
    ])
    await floor.reset(M60S)
    floor.farm.fault(M60S, "act-drop-before", 1)
    expect(await run(M60S, action)).toMatchObject({ ok: false, sent: true, fault: { kind: "timeout" } })
  })

  it("A24 a machine with fans goes below the factory's frequency only", async () => {
    const to = (frequency_mhz: number): DriverAction => ({ type: "SET_FREQ", parameters: { frequency_mhz } })
    expect(await run(M60S, to(700))).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
    expect(await run(M60S, to(500))).toMatchObject({
      ok: true,
      value: { ran: "set.miner.target_freq -20", after: { frequency_offset_pct: -20 } },
    })
    expect(await run(M60S, to(500))).toMatchObject({ ok: true, value: { already: true } })
  })

  it("A25 the fans may stand still, and run again", async () => {
    const to = (fan_mode: "auto" | "immersion"): DriverAction => ({
      type: "THERMAL_POLICY",
      parameters: { fan_mode },
    })
    expect(await run(M60S, to("immersion"))).toMatchObject({ ok: true, value: { verified: true } })
    expect(floor.farm.miner(M60S).settings.immersion).toBe(true)
    expect(await run(M60S, to("auto"))).toMatchObject({
      ok: true,
      value: { after: { fans_may_stop: false } },
    })
  })

  it("SET_LOGIN proves old and new, survives a lost answer, and is not repeated", async () => {
    const change = (password: string): DriverAction => ({ type: "SET_LOGIN", parameters: { password } })
    floor.farm.fault(M60S, "act-drop-after", 2) // the first one meets the proof of the present password
    const done = await run(M60S, change("fresh-password"))
    expect(done).toMatchObject({ ok: true, value: { verified: true, username: "super" } })
    expect(JSON.stringify([done, floor.farm.acts(M60S)])).not.toContain("fresh-password")
    expect(await run(M60S, change("fresh-password"))).toMatchObject({ ok: true, value: { already: true } })
    expect(await run(M60S, change("yet-another"))).toMatchObject({ ok: false, fault: { kind: "auth" } })
    expect(
      await run(M60S, { type: "SET_LOGIN", parameters: { username: "user2", password: "x" } }),
    ).toMatchObject({
      ok: false,
      sent: false,
    })
  })
})

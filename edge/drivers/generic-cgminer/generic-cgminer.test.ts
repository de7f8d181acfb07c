import { afterEach, describe, expect, it } from "vitest"
import type { Identity } from "../driver.ts"
import { contextFor, errorReply, type FakeRpc, fakeRpc, section } from "../test/fake-miner.ts"
import { GRANTED, genericRpc } from "../test/machines.ts"
import { genericCgminerDriver } from "./driver.ts"
import { mapGeneric } from "./read.ts"

const open: FakeRpc[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((fake) => fake.close()))
})
async function machine(more: FakeRpc["answers"] = {}) {
  const rpc = await fakeRpc(genericRpc(more))
  open.push(rpc)
  return { rpc, context: contextFor(rpc.port, 1) }
}
const IDENTITY: Identity = {
  family: "generic-cgminer",
  make: "cgminer",
  model: null,
  firmware: "CGMiner",
  firmwareVersion: "4.11.1",
  mac: null,
  serial: null,
  confidence: 0.5,
  evidence: [],
}

describe("a plain cgminer", () => {
  it("is identified by its version", async () => {
    const { context } = await machine()
    expect(await genericCgminerDriver.identify(context)).toMatchObject({
      ok: true,
      value: { firmware: "CGMiner", firmwareVersion: "4.11.1", mac: null },
    })
  })

  it("tells totals and devices, and no chips", async () => {
    const { context, rpc } = await machine()
    const reading = await genericCgminerDriver.read(context, IDENTITY)
    expect(rpc.asked).toEqual(["summary", "devs", "pools"])
    expect(reading).toMatchObject({
      ok: true,
      value: {
        hashrate_5s_ghs: 14000,
        hashrate_ghs: 13900,
        temperature_max: 61,
        boards_total: 2,
        boards_healthy: null,
        overall_health: "healthy",
        mining: true,
      },
    })
    expect(
      reading.ok && reading.value.boards!.map((board) => [board.id, board.hashrate, board.temp]),
    ).toEqual([
      [0, 6950, 60],
      [1, 6950, 61],
    ])
  })

  it("does without devices and pools that are not told", async () => {
    const { context } = await machine({
      devs: errorReply(10, "No devices"),
      pools: errorReply(45, "Access denied to 'pools' command"),
    })
    expect(await genericCgminerDriver.read(context, IDENTITY)).toMatchObject({
      ok: true,
      value: { boards: null, boards_total: null, pools: [], pool_url: null },
    })
  })

  it("takes text replies too", async () => {
    const { context } = await machine({
      summary:
        "STATUS=S,When=1,Code=11,Msg=Summary,Description=x|SUMMARY,Elapsed=50,MHS av=2000.00,Accepted=3,Rejected=0|",
    })
    expect(await genericCgminerDriver.read(context, IDENTITY)).toMatchObject({
      ok: true,
      value: { hashrate_ghs: 2, uptime_seconds: 50, accepted_shares: 3 },
    })
  })

  it("keeps scrypt rates in GH/s", () => {
    expect(mapGeneric({ "MHS av": 3003.75 }, [], [])).toMatchObject({ hashrate_ghs: 3.00375 })
    expect(mapGeneric({ "KHS av": 1500 }, [], [])).toMatchObject({ hashrate_ghs: 0.0015 })
  })

  it("restarts only where privileged, and has no other act", async () => {
    const soft = { type: "REBOOT", parameters: { mode: "soft" } } as const
    const denied = await machine()
    expect(await genericCgminerDriver.act(denied.context, IDENTITY, soft)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported" },
    })
    expect(denied.rpc.asked).toEqual(["privileged"])
    const granted = await machine({ privileged: GRANTED, restart: { STATUS: "RESTART" } })
    expect(await genericCgminerDriver.act(granted.context, IDENTITY, soft)).toMatchObject({
      ok: true,
      value: { ran: "restart", before: { uptime_seconds: 3600 } },
    })
    const dropped = await machine({ privileged: GRANTED, restart: (socket) => socket.resetAndDestroy() })
    expect((await genericCgminerDriver.act(dropped.context, IDENTITY, soft)).ok).toBe(true)
    const refused = await machine({
      privileged: GRANTED,
      restart: errorReply(45, "Access denied to 'restart' command"),
    })
    expect(await genericCgminerDriver.act(refused.context, IDENTITY, soft)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "auth" },
    })
    const none = await machine()
    expect(
      await genericCgminerDriver.act(none.context, IDENTITY, { type: "LED", parameters: { state: "on" } }),
    ).toMatchObject({ ok: false, sent: false })
    expect(none.rpc.asked).toEqual([])
  })
})

it("says nothing of boards when one device stands for them all", () => {
  const btm = section("DEVS", [{ ASC: 0, Name: "BTM_SOC", "MHS av": 0, Temperature: 0 }]).DEVS as object[]
  expect(mapGeneric({}, btm as Record<string, unknown>[], []).boards).toBeNull()
})

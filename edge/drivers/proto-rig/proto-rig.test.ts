import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { DriverAction, DriverContext } from "../driver.ts"
import { identifyMiner } from "../registry.ts"
import { closedPort } from "../test/fake-miner.ts"
import { type Floor, OLD_SECRET, simulatedFloor } from "../test/simulated.ts"
import { forgetTokens } from "../transport/token-session.ts"
import { protoRigDriver } from "./driver.ts"
import { protoErrors } from "./errors.ts"
import { mapRig } from "./map.ts"
import { poolBody } from "./pools.ts"

const RIG = "127.79.8.1"
let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([{ address: RIG, profile: "proto-rig" }])
})
afterAll(() => floor.close())
beforeEach(async () => {
  await floor.reset(RIG)
  floor.farm.miner(RIG).memory.clear()
  forgetTokens()
})
const act = async (action: DriverAction, context: DriverContext = floor.at(RIG)) =>
  protoRigDriver.act(context, await floor.known(RIG), action)

describe("its doors", () => {
  it("C01 talks over TLS, whose certificate is the rig's own, or in the clear", async () => {
    const context = floor.at(RIG)
    const identity = await floor.known(RIG)
    const { ports = {} } = context.address
    const nowhere = await closedPort()
    const secure = { ...context, address: { ...context.address, rpcPort: nowhere, webPort: nowhere } }
    expect(await protoRigDriver.read(secure, identity)).toMatchObject({ ok: true, value: { mining: true } })
    const clear = {
      ...context,
      address: { host: context.address.host, rpcPort: nowhere, webPort: ports[80]! },
    }
    expect(await protoRigDriver.read(clear, identity)).toMatchObject({ ok: true, value: { mining: true } })
  })

  it("C01 is found by its page behind TLS where the clear one is shut", async () => {
    const { address } = floor.at(RIG)
    const nowhere = await closedPort()
    const at = {
      host: address.host,
      rpcPort: nowhere,
      webPort: nowhere,
      ports: { 443: address.ports![443]! },
    }
    expect(await identifyMiner({ ...floor.at(RIG), address: at })).toMatchObject({
      ok: true,
      value: { family: "proto-rig", model: "Rig" },
    })
  })

  it("logs in anew when its token is forgotten, and tells a refused login as such", async () => {
    const identity = await floor.known(RIG)
    expect((await protoRigDriver.read(floor.at(RIG), identity)).ok).toBe(true)
    floor.farm.miner(RIG).bootedS += 1
    expect((await protoRigDriver.read(floor.at(RIG), identity)).ok).toBe(true)
    floor.farm.fault(RIG, "other-password")
    forgetTokens()
    const refused: string[] = []
    const context = { ...floor.at(RIG), loginRefused: (user: string) => void refused.push(user) }
    expect(await protoRigDriver.read(context, identity)).toMatchObject({ ok: false, fault: { kind: "auth" } })
    expect(refused.length).toBe(1)
    expect(await protoRigDriver.identify(context)).toMatchObject({ ok: true, value: { model: "Rig" } })
  })
})

describe("A02 what it tells", () => {
  it("puts boards into their slots, some of which are empty", async () => {
    const reading = await protoRigDriver.read(floor.at(RIG), await floor.known(RIG))
    if (!reading.ok) throw new Error(reading.fault.message)
    expect(reading.value.boards!.map(({ id }) => id)).toEqual([0, 2, 3, 5])
    expect(reading.value.boards!.every(({ chips_total }) => chips_total === 120)).toBe(true)
    expect(reading.value).toMatchObject({ boards_total: 4, power_mode: "high" })
  })

  it("a rig that has not started tells no mining, and that is a reading", async () => {
    const identity = await floor.known(RIG)
    floor.farm.miner(RIG).restartMining()
    await floor.farm.settled()
    const reading = await protoRigDriver.read(floor.at(RIG), identity)
    expect(reading).toMatchObject({ ok: true, value: { mining: false, power_mode: "high" } })
  })

  it("words its errors, known and unknown, in either shape", () => {
    const known = { source: "fan", slot: 2, error_code: "FanSlow", message: "x" }
    expect(protoErrors([known])).toEqual([
      { code: "FanSlow", message: "A fan is slower than it should be (fan 2). Clean or replace the fan." },
    ])
    expect(protoErrors({ errors: [{ error_code: "Brand New", message: "odd thing" }] })).toEqual([
      { code: "Brand New", message: "odd thing" },
    ])
    expect(protoErrors([null, 3, {}])).toHaveLength(1)
    expect(protoErrors(null)).toBeNull()
  })

  it("E22 keeps a board that is installed and told nothing of, and the units that it names", () => {
    const mapped = mapRig({
      mining: { status: "DegradedMining", hashboards_installed: 2 },
      telemetry: {
        miner: { hashrate: { value: 30_000, unit: "GH/s" } },
        hashboards: [{ serial_number: "B", index: 0 }],
      },
      cooling: {
        fans: [
          { slot: 2, rpm: 5 },
          { slot: 1, rpm: 4 },
        ],
      },
      pools: null,
      slow: {
        boards: [
          { hb_sn: "A", slot: 1 },
          { hb_sn: "B", slot: 9, mining_asic_count: 120 },
        ],
        target: null,
      },
    })
    expect(mapped.boards!.map(({ id, serial }) => [id, serial])).toEqual([
      [0, "A"],
      [8, "B"],
    ])
    expect(mapped).toMatchObject({ hashrate_5s_ghs: 30_000, fan_speeds: [4, 5], mining: true, pools: null })
  })
})

describe("what is done to it", () => {
  it("A22 a stopped rig is woken by a mode, and comes back in it", async () => {
    expect(await act({ type: "POWER_MODE", parameters: { mode: "sleep" } })).toMatchObject({ ok: true })
    expect(await act({ type: "POWER_MODE", parameters: { mode: "eco" } })).toMatchObject({
      ok: true,
      value: { verified: true },
    })
    await floor.settle()
    const reading = await protoRigDriver.read(floor.at(RIG), await floor.known(RIG))
    expect(reading).toMatchObject({ ok: true, value: { mining: true, power_mode: "eco" } })
  })

  it("A22 takes a power target inside of its range only", async () => {
    const outcome = await act({ type: "POWER_MODE", parameters: { power_limit_w: 9_000 } })
    expect(outcome).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
    if (!outcome.ok) expect(outcome.fault.message).toContain("1500 to 4200 W")
  })

  it("A21 a soft restart leaves a stopped rig stopped", async () => {
    floor.farm.miner(RIG).settings.mode = 1
    const soft: DriverAction = { type: "REBOOT", parameters: { mode: "soft" } }
    expect(await act(soft)).toMatchObject({ ok: false, sent: false, fault: { kind: "refused" } })
    floor.farm.miner(RIG).settings.mode = 0
    expect(await act(soft)).toMatchObject({ ok: true, value: { verified: false } })
    expect(floor.farm.miner(RIG).settings.mode).toBe(0)
  })

  it("A23 one slot changes alone, and the others keep passwords that nobody can read", async () => {
    const pools = [{ url: "stratum+tcp://new.example:3333", worker_name: "acct.{worker}", password: "x" }]
    const outcome = await act({ type: "CHANGE_POOL", parameters: { pools, pool_number: 1 } })
    expect(outcome).toMatchObject({ ok: true, value: { verified: true } })
    const { settings } = floor.farm.miner(RIG)
    expect(settings.pools.map(({ pass }) => pass)).toEqual([OLD_SECRET, "x"])
    expect(settings.pools[1]!.url).toBe(pools[0]!.url)
    const third = await act({ type: "CHANGE_POOL", parameters: { pools, pool_number: 2 } })
    expect(third).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
  })

  it("A23 takes the key of a Stratum V2 pool out of its address", () => {
    const pool = {
      url: "stratum2+tcp://v2.example:3336/9bXiEd8boQVhq7WddEcERUL5tyyJVFYdU8th3HfbNXK3Yw6GRXh",
      user: "u",
      pass: "x",
    }
    expect(poolBody(pool, 0)).toMatchObject({
      url: "stratum2+tcp://v2.example:3336",
      v2_authority_pubkey: "9bXiEd8boQVhq7WddEcERUL5tyyJVFYdU8th3HfbNXK3Yw6GRXh",
    })
  })

  it("sets the first password of a rig that has none, and refuses short ones", async () => {
    const miner = floor.farm.miner(RIG)
    miner.memory.set("no-password", true)
    expect(await act({ type: "SET_LOGIN", parameters: { password: "short" } })).toMatchObject({
      ok: false,
      sent: false,
    })
    expect(await act({ type: "SET_LOGIN", parameters: { password: "long-enough" } })).toMatchObject({
      ok: true,
      value: { ran: "PUT auth/password", verified: true },
    })
    expect(miner.password).toBe("long-enough")
  })
})

import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { identifyMiner, readMiner } from "../registry.ts"
import { closedPort } from "../test/fake-miner.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"

const HAMMER = "127.79.9.1"
const VOLC = "127.79.9.2"
let floor: Floor
let nowhere: number
beforeAll(async () => {
  floor = await simulatedFloor([
    { address: HAMMER, profile: "hammer-d10" },
    { address: VOLC, profile: "volcminer-d1" },
  ])
  nowhere = await closedPort()
})
afterAll(() => floor.close())

/** As a machine whose command port is shut. */
const webOnly = (address: string, login: { username: string; password: string } | null = null) => {
  const context = floor.at(address)
  return {
    ...context,
    credentials: login,
    address: { ...context.address, rpcPort: nowhere, ports: { 8359: nowhere } },
  }
}

describe("Hammer and VolcMiner", () => {
  it("C01 are told apart by their command port, whatever family the realm suggests", async () => {
    for (const [address, family, model] of [
      [HAMMER, "hammer", "D10"],
      [VOLC, "volcminer", "D1"],
    ] as const) {
      for (const supposed of ["hammer", "volcminer"]) {
        const identity = await identifyMiner(floor.at(address), { family: supposed })
        expect(identity).toMatchObject({ ok: true, value: { family, model, mac: expect.any(String) } })
      }
      expect(await identifyMiner(floor.at(address))).toMatchObject({ ok: true, value: { family } })
    }
  })

  it("C01 A02 are known and read by their web interfaces alone", async () => {
    const login = { username: "root", password: "ltc@dog" }
    for (const [context, family, boards] of [
      [webOnly(HAMMER), "hammer", 3],
      [webOnly(VOLC, login), "volcminer", 3],
    ] as const) {
      const identity = await identifyMiner(context)
      if (!identity.ok) throw new Error(identity.fault.message)
      expect(identity.value).toMatchObject({ family })
      const truth = floor.farm.miner(context.address.host === HAMMER ? HAMMER : VOLC).profile.ths * 1000
      const reading = await readMiner(context, identity.value)
      if (!reading.ok) throw new Error(reading.fault.message)
      expect(reading.value).toMatchObject({
        mining: true,
        boards_total: boards,
        accepted_shares: expect.any(Number),
      })
      expect(Math.abs(reading.value.hashrate_5s_ghs! / truth - 1)).toBeLessThan(0.1)
      expect(reading.value.boards).toHaveLength(boards)
    }
  })

  it("A24 a VolcMiner with a setting that its form would lose keeps it", async () => {
    const miner = floor.farm.miner(VOLC)
    miner.settings.extra = { "vendor-key": "mine" }
    const identity = await floor.known(VOLC)
    const { driverFor } = await import("../registry.ts")
    const pools = [{ url: "stratum+tcp://new.example:3333", worker_name: "a.b", password: "x" }]
    const outcome = await driverFor("volcminer")!.act(floor.at(VOLC), identity, {
      type: "CHANGE_POOL",
      parameters: { pools },
    } as never)
    expect(outcome).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
    expect(floor.writes(VOLC)).toEqual([])
    expect(miner.settings.extra).toEqual({ "vendor-key": "mine" })
  })
})

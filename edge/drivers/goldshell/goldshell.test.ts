import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { DriverAction } from "../driver.ts"
import { driverFor, readMiner } from "../registry.ts"
import { closedPort } from "../test/fake-miner.ts"
import { type Floor, OLD_SECRET, simulatedFloor } from "../test/simulated.ts"
import { levelsOf, mapBoards, mapInfos, modeOf, powerOf } from "./map.ts"

const ADDRESS = "127.79.9.21"
let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([{ address: ADDRESS, profile: "goldshell-kd-box-ii" }])
})
afterAll(() => floor.close())
beforeEach(() => floor.reset(ADDRESS))

const act = async (action: DriverAction) =>
  driverFor("goldshell")!.act(floor.at(ADDRESS), await floor.known(ADDRESS), action)
const urls = () => floor.farm.miner(ADDRESS).settings.pools.map(({ url }) => url)
const pool = (url: string) => ({ url, worker_name: "acct.{worker}", password: "x" })

describe("Goldshell", () => {
  it("A02 reads boards, chips and watts, and no power where a board tells none", () => {
    const boards = mapBoards(
      [
        { ID: 1, "MHS 20s": 2_000_000, "tstemp-1": 61, "tstemp-2": 55 },
        { ID: 0, "MHS 20s": "n/a" },
      ],
      [
        { ID: 0, "chips-nr": 84 },
        { ID: 1, "chips-nr": 80 },
      ],
      "KDMAX",
    )
    expect(boards).toMatchObject([
      { id: 0, hashrate: null, chips_ok: 84, chips_total: 84 },
      { id: 1, hashrate: 2000, temp: 61, chips_ok: 80 },
    ])
    expect(powerOf({ minfos: [{ infos: [{ power: 200 }, { power: "201.5" }] }] })).toBe(401.5)
    expect(powerOf({ minfos: [{ infos: [{ power: 200 }, {}] }] })).toBeNull()
    const infos = [
      { fanspeed: "2520 rpm / 2580 rpm", temp: "61.5 / 66 °C" },
      { fanspeed: 1800, temp: "n/a" },
    ]
    expect(mapInfos({ minfos: [{ infos }] })).toMatchObject({
      fan_speeds: [2520, 2580, 1800],
      boards: [{ temp: 66 }, { temp: null }],
    })
    expect([modeOf({ select: 3 }), modeOf({ select: 2 }), modeOf({})]).toEqual(["sleep", null, null])
    expect(levelsOf({ powerplans: [{ level: 0 }, {}, { level: "1" }] })).toEqual([0, 1])
  })

  it("A02 without its command port tells what the web does, and calls no rate 0", async () => {
    const identity = await floor.known(ADDRESS)
    const context = floor.at(ADDRESS)
    const rpcPort = await closedPort()
    const reading = await readMiner({ ...context, address: { ...context.address, rpcPort } }, identity)
    expect(reading).toMatchObject({ ok: true, value: { hashrate_ghs: null, mining: null } })
    if (reading.ok) expect(reading.value.power_consumption).toBeGreaterThan(100)
  })

  it("A24 replaces pools one by one, never without any, and keeps what stands right", async () => {
    const first = urls()[0]!
    const kept = await act({
      type: "CHANGE_POOL",
      parameters: { pools: [pool("stratum+tcp://b.example:1")], pool_number: 1 },
    })
    expect(kept).toMatchObject({ ok: true, value: { verified: true } })
    expect(urls()).toEqual([first, "stratum+tcp://b.example:1"])
    expect(floor.farm.miner(ADDRESS).settings.pools[0]!.pass).toBe(OLD_SECRET)
    const all = ["c", "d", "e"].map((name) => `stratum+tcp://${name}.example:1`)
    expect(await act({ type: "CHANGE_POOL", parameters: { pools: all.map(pool) } })).toMatchObject({
      ok: true,
    })
    expect(urls()).toEqual(all)
  })

  it("A30 a no is told as one, and nothing was changed", async () => {
    const miner = floor.farm.miner(ADDRESS)
    const before = floor.writes(ADDRESS).length
    const identity = await floor.known(ADDRESS)
    miner.setFault("act-refuse")
    const refused = await driverFor("goldshell")!.act(floor.at(ADDRESS), identity, {
      type: "CHANGE_POOL",
      parameters: { pools: [pool("stratum+tcp://z.example:1")] },
    })
    expect(refused).toMatchObject({ ok: false, sent: false })
    expect(floor.writes(ADDRESS)).toHaveLength(before)
  })

  it("A25 offers only the plans that this unit has", async () => {
    const outcome = await act({ type: "POWER_MODE", parameters: { mode: "eco" } })
    expect(outcome).toMatchObject({ ok: true, value: { verified: true, after: { power_mode: "eco" } } })
    floor.farm.miner(ADDRESS).settings.extra = { powerplans: [{ level: 0 }] }
    expect(await act({ type: "DISABLE", parameters: {} })).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported", message: expect.stringContaining("its levels are 0") },
    })
  })
})

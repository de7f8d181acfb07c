import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { DriverAction, DriverContext } from "../driver.ts"
import { type Floor, NEW_SECRET, simulatedFloor } from "../test/simulated.ts"
import { sealminerDriver } from "./driver.ts"
import { mapSealminer } from "./map.ts"
import { webSettingsOf } from "./settings.ts"

describe("statistics", () => {
  const flat = {
    "MHS(Sample)": 220e6,
    "MHS(Avg)": "221000000.5",
    "MHS(Ideal)": 226e6,
    "PM State": "Running",
    "Mining Mode": "Normal",
    "PSU Input Power": 3718,
    "Board Count": 3,
    "1 MHS(Sample)": 75e6,
    "1 Chip Count": 153,
    "1 Bad Chip Count": 2,
    "1 Temp 0": 52,
    "1 Temp 3": 71,
    "1 SN": "B1",
    "2 MHS(Sample)": 0,
    "2 Chip Count": 153,
    "2 Online": 0,
    "3 Chip Count": "153",
    "1 Speed": 4200,
    "2 Speed": 4210,
    "3 Speed": 0,
    "4 Speed": 4300,
  }
  const map = (stats: Record<string, unknown>) =>
    mapSealminer({ stats, summary: { "MHS 5s": 368e6, Elapsed: 99, Accepted: 5 }, pools: [] }, "A2")

  it("A02 tells boards from fans, whose numbers they share, and counts slots from 0", () => {
    const mapped = map(flat)
    expect(
      mapped.boards!.map(({ id, chips_ok, chips_total, temp_chip_max }) => [
        id,
        chips_ok,
        chips_total,
        temp_chip_max,
      ]),
    ).toEqual([
      [0, 151, 153, 71],
      [1, 0, 153, null],
      [2, 153, 153, null],
    ])
    expect(mapped.fan_speeds).toEqual([4200, 4210, 0, 4300])
    expect(mapped).toMatchObject({
      boards_total: 3,
      power_consumption: 3718,
      mining: true,
      power_mode: "normal",
    })
  })

  it("A02 prefers the measured rate to the one that follows single shares", () => {
    expect(map(flat).hashrate_5s_ghs).toBe(220_000)
    expect(map(flat).hashrate_ghs).toBeCloseTo(221_000, 0)
    expect(
      mapSealminer({ stats: undefined, summary: { "MHS 5s": 368e6 }, pools: [] }, null).hashrate_5s_ghs,
    ).toBe(368_000)
  })

  it.each(["Suspended", "suspend", "Sleeping", "STANDBY", "Paused"])("A21 %s is asleep", (state) => {
    expect(map({ ...flat, "PM State": state })).toMatchObject({ mining: false, power_mode: "sleep" })
  })

  it("A02 passes errors on, and no zeros", () => {
    const codes = (more: object) => map({ ...flat, ...more }).errors!.map(({ code }) => code)
    expect(codes({ "Error Code": "", "PSU Error": "0x00000000" })).toEqual([])
    expect(codes({ "Error Code": "E12", "PSU Error": "0x00000040" })).toEqual(["E12", "PSU:0x00000040"])
  })

  it("A26 takes the numbers of the modes from the machine", () => {
    const info = { low_power: "0", normal: 2, high_performance: 3, miningMode: "3", led: "off" }
    expect(webSettingsOf(info)).toEqual({
      light: false,
      modeNumber: 3,
      mode: "high",
      modes: { eco: 0, normal: 2, high: 3 },
    })
    expect(webSettingsOf({})).toEqual({ light: null, modeNumber: null, mode: null, modes: {} })
  })
})

describe("acts", () => {
  const ADDRESS = "127.78.2.1"
  let floor: Floor
  beforeAll(async () => {
    floor = await simulatedFloor([{ address: ADDRESS, profile: "sealminer-a2" }])
  })
  afterAll(() => floor.close())
  beforeEach(() => floor.reset(ADDRESS))
  const run = async (action: object, more: Partial<DriverContext> = {}) =>
    sealminerDriver.act({ ...floor.at(ADDRESS), ...more }, await floor.known(ADDRESS), action as DriverAction)
  const pools = {
    type: "CHANGE_POOL",
    parameters: {
      pools: [{ url: "stratum+tcp://n.example:1", worker_name: "a.b", password: NEW_SECRET }],
      pool_number: 1,
    },
  }

  it("D20 A22 changes no pool where the login for the reboot is refused", async () => {
    floor.farm.miner(ADDRESS).password = "another"
    expect(await run(pools)).toMatchObject({ ok: false, sent: false, fault: { kind: "auth" } })
    expect(floor.writes(ADDRESS)).toEqual([])
    const credentials = { username: "seal", password: "another" }
    expect(await run(pools, { credentials })).toMatchObject({ ok: true, value: { verified: false } })
  })

  it("A22 changes one slot, and says what became of the others' passwords", async () => {
    const outcome = await run(pools)
    expect(outcome.ok ? outcome.value.message : outcome.fault.message).toContain('they are "x" now')
    await floor.settle()
    expect(floor.farm.miner(ADDRESS).settings.pools.map(({ pass }) => pass)).toEqual(["x", NEW_SECRET])
    expect(JSON.stringify([outcome, floor.farm.acts(ADDRESS)])).not.toContain(NEW_SECRET)
  })

  it("A24 says no as the machine does", async () => {
    expect(await run({ type: "POWER_MODE", parameters: { power_limit_w: 200 } })).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused" },
    })
  })
})

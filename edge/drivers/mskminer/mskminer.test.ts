import { afterAll, beforeAll, expect, it } from "vitest"
import { COMMAND_FEATURES } from "#server/contract/commands.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { forgetTokens } from "../transport/token-session.ts"
import { mskminerDriver } from "./driver.ts"
import { namesOf } from "./identify.ts"
import { mapMskminer } from "./map.ts"

const ADDRESS = "127.80.5.1"
let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([{ address: ADDRESS, profile: "mskminer-s19" }])
})
afterAll(() => floor.close())

it("A02 reads totals and boards of one flat row, or of two", () => {
  const totals = { total_rate: 88_123.4, total_power: 2_876, Elapsed: 500 }
  const boards = { chain_acn1: 76, chain_acs1: "o".repeat(76), chain_rate1: "29000.1", freq_avg1: 500 }
  const wanted = {
    hashrate_5s_ghs: 88_123.4,
    hashrate_ghs: 88_123.4,
    power_consumption: 2_876,
    uptime_seconds: 500,
    mining: true,
    boards: [{ id: 0, hashrate: 29_000.1, frequency: 500, chips_ok: 76 }],
    boards_total: 3,
  }
  expect(
    mapMskminer({ summary: undefined, stats: [{ ...totals, ...boards }], pools: [] }, "S19-88"),
  ).toMatchObject(wanted)
  expect(mapMskminer({ summary: undefined, stats: [totals, boards], pools: [] }, "S19")).toMatchObject(wanted)
})

it("adds up the boards' watts where there is no total", () => {
  const stats = [{ Elapsed: 1, chain_power1: "900 W", chain_power2: 950 }]
  expect(mapMskminer({ summary: undefined, stats, pools: [] }, null).power_consumption).toBe(1_850)
})

it.each([
  ["S19-88 v.2.6.0.39 ", "S19-88", "2.6.0.39"],
  ["Antminer S19j Pro (v2.7)", "S19j Pro", "2.7"],
  ["Antminer S19", "S19", null],
])("C01 takes model and version out of %s", (Type, model, firmwareVersion) => {
  expect(namesOf({ Type })).toEqual({ model, firmwareVersion })
})

it("B13 a refused web login costs the MAC and nothing else, and is told", async () => {
  forgetTokens()
  floor.farm.fault(ADDRESS, "other-password")
  floor.farm.miner(ADDRESS).memory.clear()
  const refused: string[] = []
  const identity = await mskminerDriver.identify({
    ...floor.at(ADDRESS),
    loginRefused: (user) => void refused.push(user),
  })
  expect(identity).toMatchObject({ ok: true, value: { model: "S19-88", mac: null } })
  expect(refused).toEqual(["admin"])
  await floor.reset(ADDRESS)
  expect((await floor.known(ADDRESS)).mac).toMatch(/^02:/)
})

it("can be told nothing, and says why", async () => {
  const { can } = mskminerDriver.capabilities(await floor.known(ADDRESS))
  for (const feature of COMMAND_FEATURES)
    expect(can(feature)).toMatchObject({
      ok: false,
      fault: { kind: "unsupported", message: expect.stringContaining("MSKMiner 2.6.0.39") },
    })
})

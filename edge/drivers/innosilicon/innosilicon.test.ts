import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readMiner } from "../registry.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { innosiliconErrors } from "./errors.ts"
import { mapAll, rateGhs } from "./map.ts"

const ADDRESS = "127.79.9.11"
let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([{ address: ADDRESS, profile: "innosilicon-t3h" }])
})
afterAll(() => floor.close())

describe("Innosilicon", () => {
  it("A02 reads both units of its rates", () => {
    expect(rateGhs({ "Hash Rate H": 57e12 })).toBe(57_000)
    expect(rateGhs({ "Hash Rate": 1500 })).toBe(1.5)
    expect(rateGhs({ "Hash Rate": "n/a" })).toBeNull()
    const mapped = mapAll(
      { chain: [{ ASC: 1, "Temp max": 61 }, { ASC: 0 }] },
      [{ ASC: 1, "Num active chips": 113 }],
      "T3H+",
    )
    expect(mapped.boards).toMatchObject([
      { id: 0, temp: null, chips_ok: null },
      { id: 1, temp: 61, chips_ok: 113, chips_total: 114 },
    ])
    expect(mapped).toMatchObject({ boards_total: 3, mining: null, power_consumption: null })
  })

  it("words its codes: what is wrong and what to do", () => {
    expect(innosiliconErrors(["0", "32", 99, null])).toEqual([
      { code: "32", message: expect.stringContaining("too hot") },
      { code: "99", message: expect.stringContaining("not documented") },
    ])
    for (const none of ["0", 0, "", null, undefined, {}]) expect(innosiliconErrors(none)).toEqual([])
  })

  it("B14 logs in anew when its token has run out", async () => {
    const identity = await floor.known(ADDRESS)
    const read = async () => {
      const reading = await readMiner(floor.at(ADDRESS), identity)
      if (!reading.ok) throw new Error(reading.fault.message)
      return reading.value.power_consumption
    }
    expect(await read()).toBeGreaterThan(1000)
    await floor.farm.advance(700_000)
    expect(await read()).toBeGreaterThan(1000)
    expect(floor.farm.miner(ADDRESS).memory.get("innosilicon.logins")).toBe(2)
  })
})

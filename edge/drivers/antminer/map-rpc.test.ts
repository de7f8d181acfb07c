import { describe, expect, it } from "vitest"
import { mapFans, mapRpc, slotBase } from "./map-rpc.ts"
import { antminerFacts } from "./models.ts"

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

import { describe, expect, it } from "vitest"
import { confWords, isSo, postBody } from "./conf.ts"
import { chainMhz, milliC } from "./fields.ts"
import { mapElphapex } from "./map.ts"
import { elphapexFacts } from "./models.ts"

const chain = (more: object) => ({
  index: 0,
  asic: "ooooooooo oooo",
  asic_num: 204,
  hw: 204,
  freq_avg: 62000,
  rate_real: 3550.5,
  temp_chip: ["47125", "50500", "", ""],
  temp_pcb: [47, 46, 67, 66],
  sn: "",
  ...more,
})
const stats = (more: object, chains: object[]) => ({
  STATS: [
    {
      elapsed: 9,
      rate_5s: 11000,
      rate_avg: 11100.5,
      rate_ideal: 14229,
      rate_unit: "MH/s",
      fan: ["5340"],
      chain: chains,
      ...more,
    },
  ],
})
const map = (page: object, model = "DG1+") =>
  mapElphapex({ stats: page as never, summary: null, pools: null, power: { power_output: "3400" } }, model)

describe("Elphapex", () => {
  it("A02 reads rates in MH/s, chips in thousandths of a degree, and no frequency of an unknown unit", () => {
    const mapped = map(stats({}, [chain({}), chain({ index: 1 })]))
    expect(mapped.hashrate_ghs).toBeCloseTo(11.1005)
    expect(mapped).toMatchObject({
      mining: true,
      power_consumption: 3400,
      power_estimated: true,
    })
    expect(mapped).not.toHaveProperty("hardware_errors")
    expect(mapped.boards![0]).toMatchObject({
      temp: 67,
      temp_chip_max: 50.5,
      frequency: null,
      chips_ok: 204,
      chips_total: 204,
      serial: null,
    })
    expect(milliC("")).toBeNull()
    expect(milliC("47125")).toBe(47.125)
    expect([chainMhz(62000), chainMhz(0), chainMhz(1850)]).toEqual([null, null, 1850])
  })

  it("A02 B14 takes idle boards' missing chips for unknown, and a dead board of a machine at work for dead", () => {
    const none = chain({ index: 1, asic_num: 0, rate_real: 0 })
    const idle = map(stats({ rate_5s: 0, rate_avg: 0 }, [chain({ rate_real: 0 }), none]))
    expect(idle).toMatchObject({ mining: false })
    expect(idle.boards![1]!.chips_ok).toBeNull()
    expect(map(stats({}, [chain({}), none])).boards![1]!.chips_ok).toBe(0)
  })

  it("knows its models apart, and takes an unknown one as it is", () => {
    expect(
      ["DG1", "DG1+", "DG1Plus", "DG-Home1", "DG2"].map((model) => elphapexFacts(model)?.chips ?? null),
    ).toEqual([144, 204, 204, 120, null])
    expect(map({ STATS: [] }, "DG2")).toMatchObject({
      mining: false,
      boards: [],
      boards_total: null,
      fan_speeds: null,
    })
  })

  it("words its findings", () => {
    const status = [
      { type: "fans", status: "e", code: 2, msg: "fan 1 lost" },
      { type: "rate", status: "", code: 0, msg: "" },
      { type: "temp", status: "s", code: 0, msg: "" },
    ]
    const { errors } = mapElphapex(
      { stats: stats({}, []), summary: { SUMMARY: [{ status }] }, pools: null, power: null },
      null,
    )
    expect(errors).toEqual([{ code: "fans:2", message: expect.stringContaining("fan 1 lost. A fan") }])
  })

  it("A24 posts both known ways at once, and every key as it came", () => {
    const conf = {
      algo: "ltc",
      "vendor-key": { deep: 1 },
      "fc-fan-ctrl": false,
      "fc-fan-pwm": "20",
      "fc-work-mode": 0,
      pools: [{ url: "stratum+tcp://one.example:1", user: "a.b", pass: "secret", extra: 7 }],
    }
    const body = postBody(conf, { fan: { manual: true, pwm: 60 } })!
    expect(body).toMatchObject({
      "vendor-key": { deep: 1 },
      "miner-mode": 0,
      "fc-work-mode": 0,
      "fc-fan-ctrl": true,
      "fc-fan-pwm": "60",
      pool0url: "stratum+tcp://one.example:1",
      pool0pw: "secret",
      pool2url: "",
    })
    expect((body.pools as unknown[])[0]).toEqual(conf.pools[0])
    expect(isSo(body, { fan: { manual: true, pwm: 60 } })).toBe(true)
    expect(postBody({ pools: [] }, {})).toBeNull()
    expect(confWords({}).mode).toBeNull()
  })
})

import { describe, expect, it } from "vitest"
import { mapBlack } from "../blackminer/map.ts"
import { blackFacts } from "../blackminer/models.ts"
import { mapStatus } from "./by-web.ts"
import { formOf, isSo, type VolcConf } from "./conf.ts"
import { passwordRefusal } from "./set-login.ts"
import { minerStatus } from "./status.ts"

const STATUS = `{
"summary": {"elapsed":"119","ghs5s":"18,500.5","ghsav":"18,000","accepted":"7"},
"pools": [{"index":"0","url":"stratum+tcp://one.example:3333","user":"a.b]}","status":"Alive","rejected":"2"}],
"fan1":"4530",
"fan2":"Socket connect failed: Connection refused",
"fan3": 4500,
"devs": [{"index":"1","chain_acn":"105","freq":"1900","temp":[45,temp5=0],"rate":"6,100.5","chain_acs":"oooo"},
 {"index":"3","chain_acn":"0","freq":"0","temp":[0,temp5=0],"chain_acs":""}]
}`

const conf = (more: object = {}): VolcConf => ({
  conf: {
    pools: [{ url: "stratum+tcp://one.example:3333", user: "a.b", pass: "p w" }],
    "api-allow": "R:0/0",
    freq: "1900",
    "coin-type": "ltc",
    "sram-voltage": "3",
    "fan-ctrl": false,
    "fan-pwm-front": "70",
    "fan-pwm-back": "80",
    ...more,
  },
  more: { runmode: "0", voltage: "1260", bb_debug_enable: "false" },
})

describe("VolcMiner", () => {
  it("A02 B14 reads its status page, which is no JSON, by its brackets", () => {
    const mapped = mapStatus(minerStatus(STATUS)!, blackFacts("volcminer", "D1"))
    expect(mapped).toMatchObject({
      hashrate_5s_ghs: 18.5005,
      hashrate_ghs: 18,
      uptime_seconds: 119,
      accepted_shares: 7,
      rejected_shares: 2,
      mining: true,
      fan_speeds: [4530, 0, 4500],
      boards_total: 3,
    })
    expect(mapped.pools).toEqual([
      { url: "stratum+tcp://one.example:3333", user: "a.b]}", status: "alive", active: true },
    ])
    expect(mapped.boards).toMatchObject([
      { id: 0, hashrate: 6.1005, temp: 45, frequency: 1900, chips_ok: 105, chips_total: 105 },
    ])
    for (const broken of [
      "",
      "{",
      "<html>",
      '{"summary":',
      '{"summary":{"a":"',
      `${"[".repeat(5000)}"summary"`,
    ])
      expect(minerStatus(broken)).toBeNull()
  })

  it("A02 reads slots in MH/s; a slot without chips is an empty one", () => {
    const stats = {
      "MHS 5s": "15662.70",
      frequency: "1900",
      fan1: 5640,
      temp1: 64,
      chain_acn1: 105,
      chain_acs1: "oooooooo",
      chain_rate1: "5051.79",
      chain_acn2: 0,
      chain_acs2: "",
      chain_rate2: "",
    }
    const mapped = mapBlack(
      { summary: { "MHS av": "15407.57" }, stats, pools: [] },
      blackFacts("volcminer", "D1"),
    )
    expect(mapped).toMatchObject({ hashrate_ghs: 15.40757, boards_total: 3 })
    expect(mapped.hashrate_5s_ghs).toBeCloseTo(15.6627)
    expect(mapped.boards).toMatchObject([
      { id: 0, hashrate: expect.closeTo(5.05179), chips_ok: 105, chips_total: 105, temp: 64 },
    ])
  })

  it("A24 sends every setting back as it was read", () => {
    const form = formOf(conf(), { fan: { manual: true, pct: 55 } })
    if (!form.ok) throw new Error(form.fault.message)
    expect(Object.fromEntries(form.value)).toMatchObject({
      _bb_pool1pw: "p w",
      _bb_pool3url: "",
      _bb_nobeeper: "false",
      _bb_fan_customize_switch: "true",
      _bb_fan_customize_value_back: "55",
      _bb_freq: "1900",
      _bb_ema: "3",
      _bb_runmode: "0",
      _bb_voltage_customize_value: "1260",
      _bb_debug: "false",
    })
    expect(isSo(conf(), { fan: { manual: false, pct: 100 } })).toBe(true)
  })

  it("A24 leaves alone a machine with a setting that the form would lose or that is not told", () => {
    expect(formOf(conf({ "vendor-key": 1 }), {})).toMatchObject({
      ok: false,
      fault: { kind: "unsupported", message: expect.stringContaining("vendor-key") },
    })
    expect(formOf({ ...conf(), more: {} }, {})).toMatchObject({
      ok: false,
      fault: { message: expect.stringContaining("voltage") },
    })
  })

  it("D19 hears whether a password was taken behind the stray head block, and repeats nothing of it", () => {
    expect(passwordRefusal('Content-type: application/json\r\n\r\n{"code":"200"}')).toBeNull()
    expect(passwordRefusal('Content-type: x\n\n{"code":"500","msg":"hunter2"}')).toBe(
      "it does not take it (code 500)",
    )
    expect(passwordRefusal("")).toBeNull()
  })
})

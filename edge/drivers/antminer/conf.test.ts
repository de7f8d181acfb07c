import { describe, expect, it } from "vitest"
import { CONF } from "../test/machines.ts"
import { confWords, isSo, levelMhz, postBody, shown } from "./conf.ts"

const whole = { ...CONF, "bitmain-freq": "675", "bitmain-voltage": "1400" }

describe("configuration in words", () => {
  it("reads what the page says", () => {
    expect(confWords(whole)).toMatchObject({
      modeNumber: 0,
      mode: "normal",
      fan: { mode: "auto", speed_pct: null },
      levelPct: 100,
      nominalMhz: 675,
      voltageV: 14,
    })
    expect(confWords(whole).pools).toHaveLength(3)
  })

  it.each([
    [{ "miner-mode": 1 }, "sleep"],
    [{ "miner-mode": 5 }, "sleep"],
    [{ "miner-mode": "3" }, "eco"],
    [{ "miner-mode": 2 }, null],
    [{ "bitmain-work-mode": undefined }, null],
  ])("mode of %o is %s", (more, mode) => {
    expect(confWords({ ...CONF, ...more }).mode).toBe(mode)
  })

  it.each([
    [
      { "bitmain-fan-ctrl": "true", "bitmain-fan-pwm": "0" },
      { mode: "immersion", speed_pct: 0 },
    ],
    [
      { "bitmain-fan-ctrl": "1", "bitmain-fan-pwm": "70" },
      { mode: "manual", speed_pct: 70 },
    ],
    [{ "bitmain-fan-ctrl": undefined }, null],
  ])("fan of %o is %o", (more, fan) => {
    expect(confWords({ ...CONF, ...more }).fan).toEqual(fan)
  })

  it.each([
    ["", 100],
    ["85", 85],
    [90, 90],
    [undefined, null],
  ])("level %s is %s %%", (level, pct) => {
    expect(confWords({ ...CONF, "bitmain-freq-level": level }).levelPct).toBe(pct)
  })

  it("tells a level in MHz, and nothing where the nominal frequency is unknown", () => {
    expect(levelMhz(confWords({ ...whole, "bitmain-freq-level": "85" }))).toBe(573.8)
    expect(levelMhz(confWords(CONF))).toBeNull()
  })
})

describe("what is posted", () => {
  it("is everything that was read, changed as told, the level under both names", () => {
    const body = postBody(whole, { mode: 1, levelPct: 90, fan: { manual: true, pwm: "60" } })
    expect(body).toMatchObject({
      "vendor-extra": { keep: ["me"] },
      "miner-mode": 1,
      "bitmain-work-mode": 1,
      "freq-level": "90",
      "bitmain-freq-level": "90",
      "bitmain-fan-ctrl": true,
      "bitmain-fan-pwm": "60",
    })
    expect((body!.pools as object[])[0]).toEqual(CONF.pools[0])
  })

  it("keeps what it does not know of a pool, and says sleep for what newer images call 5", () => {
    const pools = [{ ...CONF.pools[0], weight: 3 }]
    const slot = { url: "u", user: "w", pass: "p" }
    const body = postBody({ ...whole, pools, "miner-mode": 5 }, { pools: [slot, slot, slot] })
    expect((body!.pools as object[])[0]).toEqual({ ...slot, weight: 3 })
    expect(body!["miner-mode"]).toBe(1)
  })

  it("is nothing where the page takes a form", () => {
    expect(postBody({ pools: [], "bitmain-freq": "675" })).toBeNull()
    expect(postBody({ "bitmain-work-mode": "0" })).toBeNull()
  })

  it("an automatic fan is so whatever speed stands beside it", () => {
    expect(isSo(confWords(CONF), { fan: { manual: false, pwm: "20" } })).toBe(true)
    expect(isSo(confWords(CONF), { fan: { manual: true, pwm: "100" } })).toBe(false)
  })

  it("shows no password", () => {
    const words = confWords(whole)
    expect(JSON.stringify(shown(words, { mode: 0, pools: words.pools, levelPct: 1 }))).not.toContain(
      "pool-secret",
    )
  })
})

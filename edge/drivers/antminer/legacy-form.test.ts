import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { DriverAction } from "../driver.ts"
import { driverFor } from "../registry.ts"
import { type Floor, OLD_SECRET, simulatedFloor } from "../test/simulated.ts"
import { legacyForm, lostByForm } from "./legacy-form.ts"

const S9 = "127.79.9.31"
const CONF = {
  pools: [{ url: "stratum+tcp://one.example:3333", user: "acct.rig", pass: "p&w=1" }],
  "api-listen": true,
  "api-allow": "A:0/0,W:*",
  "bitmain-use-vil": true,
  "bitmain-fan-ctrl": true,
  "bitmain-fan-pwm": "77",
  "bitmain-freq": "650",
  "bitmain-voltage": "0706",
  "bitmain-ccdelay": "0",
}

let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([{ address: S9, profile: "s9" }])
})
afterAll(() => floor.close())
beforeEach(() => floor.reset(S9))
const act = async (action: DriverAction) =>
  driverFor("antminer-legacy-web")!.act(floor.at(S9), await floor.known(S9), action)
const CHANGE: DriverAction = {
  type: "CHANGE_POOL",
  parameters: {
    pools: [{ url: "stratum+tcp://new.example:3333", worker_name: "acct.{worker}", password: "x" }],
  },
}

describe("the form of the older web", () => {
  it("A24 carries every setting back as it was read", () => {
    const form = legacyForm(CONF, {})
    if (!form.ok) throw new Error(form.fault.message)
    expect(Object.fromEntries(form.value)).toEqual({
      _ant_pool1url: "stratum+tcp://one.example:3333",
      _ant_pool1user: "acct.rig",
      _ant_pool1pw: "p&w=1",
      ...Object.fromEntries(
        [2, 3].flatMap((n) => ["url", "user", "pw"].map((part) => [`_ant_pool${n}${part}`, ""])),
      ),
      _ant_nobeeper: "false",
      _ant_notempoverctrl: "false",
      _ant_fan_customize_switch: "true",
      _ant_fan_customize_value: "77",
      _ant_freq: "650",
      _ant_voltage: "0706",
    })
  })

  it("A24 is not sent where it would lose a setting", () => {
    expect(lostByForm({ ...CONF, "bitmain-pwth": "0", "vendor-key": "" })).toEqual([])
    const form = legacyForm({ ...CONF, "bitmain-ccdelay": "3", "vendor-key": { deep: 1 } }, {})
    expect(form).toMatchObject({
      ok: false,
      fault: { kind: "unsupported", message: expect.stringContaining("bitmain-ccdelay, vendor-key") },
    })
  })

  it("A24 changes pools of an S9, reads them back, and leaves fans, frequency and voltage as they were", async () => {
    const miner = floor.farm.miner(S9)
    miner.settings.fanManual = true
    miner.settings.fanPwm = 66
    const outcome = await act(CHANGE)
    expect(outcome).toMatchObject({ ok: true, value: { verified: true, ran: "set_miner_conf.cgi" } })
    expect(JSON.stringify(outcome)).not.toContain("also reads back")
    expect(miner.settings).toMatchObject({
      fanManual: true,
      fanPwm: 66,
      pools: [{ url: "stratum+tcp://new.example:3333" }],
    })
  })

  it("A24 refuses on an S9 with a setting that the form has no field for, which keeps it", async () => {
    const miner = floor.farm.miner(S9)
    miner.settings.extra = { "vendor-key": "mine" }
    const before = floor.writes(S9).length
    expect(await act(CHANGE)).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
    expect(floor.writes(S9)).toHaveLength(before)
    expect(miner.settings.extra).toEqual({ "vendor-key": "mine" })
  })

  it("A25 sets its fans, and keeps its pools and their passwords", async () => {
    const outcome = await act({
      type: "THERMAL_POLICY",
      parameters: { fan_mode: "manual", fan_speed_pct: 55 },
    })
    expect(outcome).toMatchObject({
      ok: true,
      value: { verified: true, after: { fan: { mode: "manual", speed_pct: 55 } } },
    })
    expect(floor.farm.miner(S9).settings.pools[0]!.pass).toBe(OLD_SECRET)
  })
})

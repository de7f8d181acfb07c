import { describe, expect, it } from "vitest"
import { antminerFacts } from "../antminer/models.ts"
import { namesOf } from "./identify.ts"
import { mapVnish, uptimeSeconds } from "./map.ts"
import { mapVnishRpc } from "./map-rpc.ts"

const facts = antminerFacts("S21 Pro")
const chain = (id: number, more: object = {}) => ({
  id,
  frequency: 440.5,
  voltage: 13_800,
  hashrate_rt: 66_000.5,
  pcb_temp: { min: 40, max: 50 + id },
  chip_temp: { min: 50, max: 70 + id },
  chip_statuses: { red: 0, orange: 2, grey: 63 },
  ...more,
})
const miner = {
  miner_status: { miner_state: "mining", miner_state_time: 600 },
  hr_realtime: 199_000,
  hr_nominal: 202_000,
  average_hashrate: 200.5,
  instant_hashrate: 199,
  power_consumption: 2_800,
  hw_errors: 4,
  pools: [
    {
      url: "a.example:3333",
      pool_type: "UserPool",
      user: "acct.1",
      status: "working",
      accepted: 7,
      rejected: 0,
      stale: 1,
    },
    {
      url: "b.example:3333",
      pool_type: "UserPool",
      user: "acct.1",
      status: "active",
      accepted: 9,
      rejected: 2,
      stale: 0,
      ping: 12,
    },
    {
      url: "DevFee",
      pool_type: "DevFee",
      user: "DevFee",
      status: "working",
      accepted: 100,
      rejected: 0,
      stale: 0,
    },
  ],
  cooling: { fans: [{ rpm: 3_000 }, { rpm: 0 }], settings: { mode: { name: "auto" } } },
  chains: [chain(3), chain(1), chain(2, { chip_statuses: { red: 5, orange: 0, grey: 60 } })],
  psu: { psu_power_metering: true },
}
const read = (more: object = {}, info: object | null = null) =>
  mapVnish({ ...miner, ...more } as Record<string, unknown>, { info: info as never, factory: null }, facts)

describe("summary of VNish", () => {
  it("A02 tells TH/s from GH/s, millivolts from volts, and counts chains from 0", () => {
    const reading = read()
    expect(reading).toMatchObject({
      hashrate_ghs: 200_500,
      hashrate_5s_ghs: 199_000,
      hashrate_expected_ghs: 202_000,
      hardware_errors: 4,
      mining: true,
      fan_speeds: [3_000, 0],
      boards_total: 3,
    })
    expect(reading.voltage_avg).toBeCloseTo(13.8)
    expect(
      reading.boards!.map(({ id, chips_ok, chips_total, voltage }) => [id, chips_ok, chips_total, voltage]),
    ).toEqual([
      [0, 65, 65, 13.8],
      [1, 60, 65, 13.8],
      [2, 65, 65, 13.8],
    ])
  })

  it("hides the developers' pool and its shares; a working pool stands by", () => {
    const reading = read()
    expect(reading.pools!.map(({ url, status, active }) => [url, status, active])).toEqual([
      ["a.example:3333", "alive", false],
      ["b.example:3333", "alive", true],
    ])
    expect(reading).toMatchObject({
      accepted_shares: 16,
      rejected_shares: 2,
      stale_shares: 1,
      pool_latency_ms: 12,
    })
  })

  it("marks a power that the supply does not meter as an estimate", () => {
    expect(read().power_estimated).toBe(false)
    expect(read({ psu: { psu_power_metering: false } }).power_estimated).toBe(true)
    expect(read({ psu: undefined }).power_estimated).toBe(true)
    expect(read({ power_consumption: 0, psu: undefined }).power_estimated).toBeNull()
  })

  it.each([
    ["stopped", false, "sleep"],
    ["paused", false, "sleep"],
    ["shutting-down", false, "sleep"],
    ["auto-tuning", true, null],
    ["failure", false, null],
  ])("A22 %s: mining %s, power mode %s", (miner_state, mining, power_mode) => {
    expect(read({ miner_status: { miner_state } })).toMatchObject({ mining, power_mode })
  })

  it("A30 words a failure with its number, and what to do", () => {
    const miner_status = { miner_state: "failure", failure_code: 1002, description: "bad config" }
    expect(read({ miner_status, chains: [] }).errors).toEqual([
      { code: "1002", message: expect.stringMatching(/^bad config\. .*set its pools again/) },
    ])
    expect(
      read({ chains: [chain(1, { status: { state: "failure", description: "no chips" } })] }).errors,
    ).toEqual([{ code: "chain", message: "Board 1: no chips. See the miner's log." }])
  })

  it("knows no uptime from the age of a state other than mining, and fans that stand still in a bath", () => {
    expect(read({}, { system: { uptime: "2 days, 1:30" } }).uptime_seconds).toBe(178_200)
    expect(read().uptime_seconds).toBe(600)
    expect(read({ miner_status: { miner_state: "stopped", miner_state_time: 9 } }).uptime_seconds).toBeNull()
    expect(
      read({ cooling: { fans: [{ rpm: 0 }], settings: { mode: { name: "immers" } } } }).fan_speeds,
    ).toBeNull()
  })

  it.each([
    ["1:55", 6_900],
    ["0:06", 360],
    ["10 days, 18:00", 928_800],
    ["1 day, 5 min", 86_700],
    ["soon", null],
    [null, null],
  ])("reads the uptime %s", (said, seconds) => expect(uptimeSeconds(said)).toBe(seconds))

  it("reads port 4028 with the firmware's own keys", () => {
    const stats = {
      "GHS 5s": "104000.5",
      "GHS av": 103_000,
      state: "mining",
      chain_acn1: 126,
      chain_acs1: "o".repeat(126),
      chain_rate1: "104000",
      chain_vol1: 13_700,
      chain_consumption1: 900,
    }
    expect(mapVnishRpc({ summary: undefined, stats, pools: [] }, null)).toMatchObject({
      hashrate_5s_ghs: 104_000.5,
      power_consumption: 900,
      power_estimated: true,
      boards: [{ id: 0, voltage: 13.7, chips_ok: 126 }],
    })
    const paused = mapVnishRpc({ summary: undefined, stats: { ...stats, state: "paused" }, pools: [] }, null)
    expect(paused).toMatchObject({ mining: false, power_mode: "sleep" })
  })

  it("takes model and version out of one name", () => {
    expect(namesOf("Antminer S21 Pro (Vnish 1.2.7)")).toEqual({ model: "S21 Pro", firmwareVersion: "1.2.7" })
    expect(namesOf(null)).toEqual({ model: null, firmwareVersion: null })
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { Identity } from "../driver.ts"
import { identifyMiner } from "../registry.ts"
import { closedPort } from "../test/fake-miner.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { marathonDriver } from "./driver.ts"
import { eventErrors, mapMarathon, rateGhs } from "./map.ts"

describe("documents of MARA firmware", () => {
  it.each([
    [104.5, 105_000, 104_500],
    [104_500, 105_000, 104_500],
    [0, 105_000, 0],
    [3, 105_000, 3_000],
    [104.5, null, 104_500],
    [104_500, null, 104_500],
    ["x", 105_000, null],
  ])("a rate of %s beside an ideal of %s GH/s is %s GH/s", (rate, ideal, ghs) => {
    expect(rateGhs(rate, ideal)).toBe(ghs)
  })

  it("A02 reads older and newer names, joins temperatures by place, and says that power is estimated", () => {
    const boards = {
      hashboard_infos: [
        {
          index: 1,
          hashrate_average: 34_000,
          hashrate_ideal: 35_000,
          asic_num: 125,
          frequency_avg: 545,
          voltage: 13_500,
        },
        {
          index: 0,
          hashrate_avg: 35,
          hashrate_ideal: 35_000,
          asic_num: 126,
          frequency_avg: 545,
          voltage: 1_350,
        },
      ],
      hb_temps: [
        { temperature_pcb: [50, 52], temperature_chip: [60, 66] },
        { temperature_pcb: [], temperature_chip: [], temperature_raw: [41] },
      ],
    }
    const brief = {
      hashrate_realtime: 69.5,
      hashrate_ideal: 70_000,
      power_consumption_estimated: 2_000,
      elapsed: 60,
      status: "Mining",
    }
    const reading = mapMarathon({ brief, boards, fans: { fans: [{ current_speed: 0 }] }, pools: null }, null)
    expect(reading).toMatchObject({
      hashrate_5s_ghs: 69_500,
      hashrate_ghs: 69_000,
      power_estimated: true,
      fan_speeds: [0],
      pools: null,
    })
    expect(reading.boards).toMatchObject([
      { id: 0, hashrate: 35_000, temp_chip_max: 41, voltage: null },
      { id: 1, hashrate: 34_000, temp: 52, temp_chip_max: 66, voltage: 13.5 },
    ])
  })

  it("A30 keeps failures of the event chart, not its news", () => {
    const event_flags = [
      { level: "info", message: "started" },
      { level: "error", message: "board 1 lost" },
    ]
    expect(eventErrors({ event_flags })).toEqual([
      { code: "event:error", message: expect.stringMatching(/^board 1 lost\. /) },
    ])
  })
})

describe("a machine with MARA firmware", () => {
  const JSON_FIGURES = "127.80.3.1"
  const TEXT_FIGURES = "127.80.3.2"
  let floor: Floor
  let identity: Identity
  beforeAll(async () => {
    floor = await simulatedFloor([
      { address: JSON_FIGURES, profile: "mara-s19j-pro" },
      { address: TEXT_FIGURES, profile: "mara-s21" },
    ])
  })
  afterAll(() => floor.close())
  beforeEach(async () => {
    for (const address of [JSON_FIGURES, TEXT_FIGURES]) await floor.reset(address)
    identity = await floor.known(JSON_FIGURES)
  })
  const act = (address: string, action: Parameters<typeof marathonDriver.act>[2]) =>
    marathonDriver.act(floor.at(address), identity, action)
  const configOf = async (address: string) => {
    const taken = await marathonDriver.backup!(floor.at(address), identity)
    if (!taken.ok) throw new Error(taken.fault.message)
    return taken.value.config.raw.miner_config as { mode: Record<string, Record<string, unknown>> }
  }

  it("C01 is told from a stock machine behind the same login", async () => {
    const context = floor.at(JSON_FIGURES)
    const rpcPort = await closedPort()
    context.address = { host: context.address.host, rpcPort, webPort: context.address.webPort }
    expect(await identifyMiner(context)).toMatchObject({
      ok: true,
      value: { family: "marathon", model: "S19j Pro", firmwareVersion: "2.1.4" },
    })
  })

  it("B13 a refused login leaves port 4028", async () => {
    floor.farm.fault(JSON_FIGURES, "other-password")
    const reading = await marathonDriver.read(floor.at(JSON_FIGURES), identity)
    expect(reading).toMatchObject({
      ok: true,
      value: { mining: true, power_consumption: null, boards_total: 3 },
    })
  })

  it("A22 wakes as it worked before it slept", async () => {
    await act(JSON_FIGURES, { type: "POWER_MODE", parameters: { power_limit_w: 2_500 } })
    await act(JSON_FIGURES, { type: "DISABLE", parameters: {} })
    expect(floor.farm.miner(JSON_FIGURES).sleeping).toBe(true)
    expect(await act(JSON_FIGURES, { type: "ENABLE", parameters: {} })).toMatchObject({
      ok: true,
      value: { verified: true, after: { work_mode: "Auto" } },
    })
    expect((await configOf(JSON_FIGURES)).mode.concorde!["power-target"]).toBe(2_500)
  })

  it("A23 keeps figures as texts where the machine has them so, and every key that it does not know", async () => {
    await act(TEXT_FIGURES, { type: "SET_FREQ", parameters: { frequency_mhz: 450 } })
    expect((await configOf(TEXT_FIGURES)).mode.fixed).toEqual({ voltage: "1350", frequency: "450" })
    expect(floor.writes(TEXT_FIGURES).at(-1)!.detail.changed).toEqual(["mode"])
  })

  it("D20 restores a backup with its passwords, and refuses another model's", async () => {
    const taken = await marathonDriver.backup!(floor.at(JSON_FIGURES), identity)
    if (!taken.ok) throw new Error(taken.fault.message)
    const miner = floor.farm.miner(JSON_FIGURES)
    const before = structuredClone(miner.settings.pools)
    miner.settings.pools = [{ url: "stratum+tcp://other.example:1", user: "x.y", pass: "z" }]
    expect(await act(JSON_FIGURES, { type: "RESTORE_CONFIG", settings: taken.value })).toMatchObject({
      ok: true,
      value: { verified: true },
    })
    expect(miner.settings.pools).toEqual(before)
    const other = { ...taken.value, config: { ...taken.value.config, model: "S9" } }
    expect(await act(JSON_FIGURES, { type: "RESTORE_CONFIG", settings: other })).toMatchObject({
      ok: false,
      fault: { kind: "unsupported" },
    })
  })
})

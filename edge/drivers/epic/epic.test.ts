import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { Identity } from "../driver.ts"
import { identifyMiner } from "../registry.ts"
import { closedPort } from "../test/fake-miner.ts"
import { firmwareFile } from "../test/firmware-file.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { epicDriver } from "./driver.ts"
import { mapEpic } from "./map.ts"
import { epicFacts } from "./models.ts"
import { fanOf, tuningOf } from "./words.ts"

const summary = {
  Session: { Uptime: 5_000, "Average MHs": 104e6, Accepted: 12, Rejected: 1 },
  HBs: [
    { Index: 2, "Input Voltage": 13.5, Temperature: 61, "Core Clock Avg": 545.1, Hashrate: [35e6, 100, 1] },
    { Index: 0, "Input Voltage": 13.7, Temperature: 60, "Core Clock Avg": 545.1, Hashrate: [34e6, 50, 1] },
  ],
  HBStatus: [
    { Index: 0, Detected: true, Enabled: true },
    { Index: 1, Detected: true, Enabled: false },
    { Index: 2, Detected: true, Enabled: true },
  ],
  "Fans Rpm": { "Fans Speed 10": null, "Fans Speed 2": 3_000, "Fans Speed 1": 0 },
  "Power Supply Stats": { "Input Power": 2_900 },
  Stratum: { "Current Pool": "stratum+tcp://b:1", "Current User": "u.w", IsPoolConnected: true },
  StratumConfigs: [
    { pool: "stratum+tcp://a:1", login: "u.w" },
    { pool: "stratum+tcp://b:1", login: "u.w" },
  ],
  Status: { "Operating State": "Mining", "Last Error": null },
}
const facts = epicFacts("S19J PRO")
const nothing = { capabilities: null, hashrate: null, chipTemps: null }

describe("summary of ePIC", () => {
  it("A02 reads MH/s, boards by index with those that are off, fans by number", () => {
    const reading = mapEpic(summary, nothing, facts)
    expect(reading).toMatchObject({
      hashrate_ghs: 104_000,
      hashrate_5s_ghs: 69_000,
      hashrate_expected_ghs: 103_000,
      power_consumption: 2_900,
      uptime_seconds: 5_000,
      fan_speeds: [0, 3_000],
      mining: true,
      boards_total: 3,
    })
    expect(reading.boards!.map(({ id, hashrate }) => [id, hashrate])).toEqual([
      [0, 34_000],
      [1, null],
      [2, 35_000],
    ])
    expect(reading.pools!.map(({ url, active }) => [url, active])).toEqual([
      ["stratum+tcp://a:1", false],
      ["stratum+tcp://b:1", true],
    ])
  })

  it("counts chips that do not hash, and takes sensors of zeros for none", () => {
    const hashrate = [{ Index: 0, Data: [...Array(125).fill([270_000, 98, 1]), [0, 0, 0]] }]
    const chipTemps = [
      { Index: 0, Data: [0, 0, 0] },
      { Index: 2, Data: [55, 71.5] },
    ]
    const { boards } = mapEpic(summary, { ...nothing, hashrate, chipTemps }, facts)
    expect(boards![0]).toMatchObject({ chips_ok: 125, chips_total: 126, temp_chip_max: null })
    expect(boards![2]).toMatchObject({ chips_ok: null, temp_chip_max: 71.5 })
  })

  it("A22 Idling is asleep, Initializing is not, an error is told", () => {
    const at = (state: string, error: string | null = null) =>
      mapEpic({ ...summary, Status: { "Operating State": state, "Last Error": error } }, nothing, facts)
    expect(at("Idling")).toMatchObject({ mining: false, power_mode: "sleep" })
    expect(at("Initializing")).toMatchObject({ mining: false, power_mode: null })
    expect(at("Error", "No HBs").errors).toEqual([
      { code: "last-error", message: expect.stringContaining("No HBs") },
    ])
  })

  it("reads both ways of saying manual, and the tuner's units by its algorithm", () => {
    expect(fanOf({ Fans: { "Fans Speed": 55, "Fan Mode": "Manual" } })).toEqual({
      mode: "manual",
      speed_pct: 55,
    })
    expect(fanOf({ Fans: { "Fans Speed": 50, "Fan Mode": { Manual: 80 } } })).toEqual({
      mode: "manual",
      speed_pct: 80,
    })
    expect(fanOf({ Fans: { "Fan Mode": { Auto: { "Idle Speed": 20 } } } })).toEqual({
      mode: "auto",
      speed_pct: null,
    })
    const tune = { PerpetualTune: { Running: true, Algorithm: { PowerTune: { Target: 2_500, Unit: "W" } } } }
    expect(tuningOf(tune)).toMatchObject({ algo: "PowerTune", target: 2_500, running: true })
  })
})

describe("an ePIC machine", () => {
  const ADDRESS = "127.80.2.1"
  let floor: Floor
  let identity: Identity
  beforeAll(async () => {
    floor = await simulatedFloor([{ address: ADDRESS, profile: "epic-s19j-pro" }])
  })
  afterAll(() => floor.close())
  beforeEach(async () => {
    await floor.reset(ADDRESS)
    identity = await floor.known(ADDRESS)
  })

  it("C01 is known by HTTP on its command port alone", async () => {
    const context = floor.at(ADDRESS)
    context.address = { ...context.address, webPort: await closedPort() }
    expect(await identifyMiner(context)).toMatchObject({
      ok: true,
      value: {
        family: "epic",
        make: "Antminer",
        model: "S19J PRO",
        firmwareVersion: "v1.5.13",
        mac: expect.any(String),
      },
    })
  })

  it("B13 a wrong password is no write: told, and not tried again within the hour", async () => {
    floor.farm.fault(ADDRESS, "other-password")
    const refused: string[] = []
    const context = { ...floor.at(ADDRESS), loginRefused: (user: string) => void refused.push(user) }
    for (let turn = 0; turn < 2; turn += 1)
      expect(await epicDriver.act(context, identity, { type: "DISABLE", parameters: {} })).toMatchObject({
        ok: false,
        sent: false,
        fault: { kind: "auth" },
      })
    expect(refused).toEqual([""])
    expect(floor.writes(ADDRESS)).toEqual([])
  })

  it("the assigned password goes first, the factory's after it", async () => {
    const context = { ...floor.at(ADDRESS), credentials: { username: "anyone", password: "not-this" } }
    expect(
      await epicDriver.act(context, identity, { type: "LED", parameters: { state: "on" } }),
    ).toMatchObject({
      ok: true,
      value: { verified: true },
    })
  })

  it("D20 an image goes with its sha-256; a file that changed on disk is not sent", async () => {
    const file = firmwareFile("version=2031.1\nimage", "powerplay.zip", "2031.1")
    expect(
      await epicDriver.act(floor.at(ADDRESS), identity, { type: "UPDATE_FIRMWARE", file }),
    ).toMatchObject({ ok: true })
    expect(floor.writes(ADDRESS).at(-1)).toMatchObject({
      kind: "upgrade",
      detail: { version: "2031.1", sha256: file.sha256 },
    })
    const odd = { ...file, version: "2031.2", sizeBytes: file.sizeBytes + 1 }
    expect(
      await epicDriver.act(floor.at(ADDRESS), identity, { type: "UPDATE_FIRMWARE", file: odd }),
    ).toMatchObject({ ok: false, sent: false })
    const wrong = { ...file, version: "2031.2", sha256: "0".repeat(64) }
    await floor.settle()
    expect(
      await epicDriver.act(floor.at(ADDRESS), identity, { type: "UPDATE_FIRMWARE", file: wrong }),
    ).toMatchObject({
      ok: false,
      fault: { kind: "refused", message: expect.stringContaining("Checksum") },
    })
  })

  it("says that it cannot compare passwords of pools", async () => {
    const parameters = { pools: [{ url: "stratum+tcp://n.example:1", worker_name: "a.b", password: "p" }] }
    const outcome = await epicDriver.act(floor.at(ADDRESS), identity, { type: "CHANGE_POOL", parameters })
    if (!outcome.ok) throw new Error(outcome.fault.message)
    expect(outcome.value.message).toContain("does not tell the passwords")
    expect(floor.farm.miner(ADDRESS).settings.pools).toEqual([
      { url: "stratum+tcp://n.example:1", user: "a.b", pass: "p" },
    ])
  })
})

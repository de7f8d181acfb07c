import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { DriverAction } from "../driver.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { luxosDriver } from "./driver.ts"
import { presentEvents } from "./events.ts"
import { isAsleep, mapLux } from "./map.ts"
import { profileOfMode } from "./power.ts"
import { profilesOf } from "./profiles.ts"

const KPRO = "127.80.2.1"
const S21 = "127.80.2.2"
let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([
    { address: KPRO, profile: "luxos-s19k-pro" },
    { address: S21, profile: "luxos-s21" },
  ])
})
afterAll(() => floor.close())
beforeEach(async () => {
  for (const address of [KPRO, S21]) await floor.reset(address)
})
const run = async (address: string, action: DriverAction) =>
  luxosDriver.act(floor.at(address), await floor.known(address), action)
const settings = (address: string) => floor.farm.miner(address).settings

describe("power and frequency", () => {
  it("A24 takes the nearest profile, says so, and keeps ATM from undoing it", async () => {
    expect(await run(KPRO, { type: "SET_FREQ", parameters: { frequency_mhz: 500 } })).toMatchObject({
      ok: true,
      value: {
        ran: "profileset 490MHz",
        verified: true,
        message: expect.stringMatching(/490MHz.*500 MHz were asked for.*ATM/),
      },
    })
    expect(settings(KPRO).extra.atm).toBe(false)
    const named = { frequency_mhz: 100, profile: "540mhz" }
    expect(await run(KPRO, { type: "SET_FREQ", parameters: named })).toMatchObject({
      ok: true,
      value: { ran: "profileset 540MHz" },
    })
  })

  it("A24 refuses what no profile has, with the range", async () => {
    const before = floor.writes(KPRO).length
    expect(await run(KPRO, { type: "SET_FREQ", parameters: { frequency_mhz: 1_200 } })).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported", message: expect.stringContaining("190 to 790 MHz") },
    })
    expect(floor.writes(KPRO)).toHaveLength(before)
  })

  it("A22 keeps to watts by the strongest profile under them, or by its target where it has one", async () => {
    expect(await run(KPRO, { type: "POWER_MODE", parameters: { power_limit_w: 2_000 } })).toMatchObject({
      ok: true,
      value: { ran: "profileset 440MHz", message: expect.stringContaining("within 2000 W") },
    })
    expect(await run(S21, { type: "POWER_MODE", parameters: { power_limit_w: 3_100 } })).toMatchObject({
      ok: true,
      value: { ran: "powertargetset", after: { power_limit_w: 3_100 } },
    })
    expect(await run(S21, { type: "POWER_MODE", parameters: { power_limit_w: 9_000 } })).toMatchObject({
      ok: false,
      fault: { kind: "unsupported", message: expect.stringContaining("2800 to 3800 W") },
    })
  })

  it("A22 wakes a machine that is set to normal power, and says what it was", async () => {
    settings(KPRO).mode = 1
    expect(await run(KPRO, { type: "POWER_MODE", parameters: { mode: "normal" } })).toMatchObject({
      ok: true,
      value: { before: { power_mode: "sleep" }, after: { power_mode: "normal", profile: "default" } },
    })
  })

  it("chooses eco and high around the factory's own profile", () => {
    const rows = [2_000, 2_300, 2_794, 3_100, 3_700].map((Watts, at) => ({
      "Profile Name": at === 2 ? "default" : `p${at}`,
      Step: String(at - 2),
      Watts,
      Frequency: 400 + at * 25,
    }))
    const name = (mode: "eco" | "normal" | "high") => {
      const found = profileOfMode(profilesOf(rows), mode)
      return found.ok ? found.value.name : found.fault.kind
    }
    expect([name("eco"), name("normal"), name("high")]).toEqual(["p1", "default", "p3"])
    expect(profileOfMode([], "eco")).toMatchObject({ ok: false, fault: { kind: "unsupported" } })
  })
})

describe("pools", () => {
  it("A23 change one slot and leave the others", async () => {
    const [, second] = settings(KPRO).pools
    const parameters = {
      pools: [{ url: "stratum+tcp://new.example:3333", worker_name: "acct.{worker}", password: "x" }],
      pool_number: 0,
    }
    expect(await run(KPRO, { type: "CHANGE_POOL", parameters })).toMatchObject({ ok: true })
    const pools = settings(KPRO).pools
    expect(pools).toHaveLength(2)
    expect(pools).toContainEqual(second)
    expect(pools[floor.farm.miner(KPRO).activePool()]!.url).toBe("stratum+tcp://new.example:3333")
    expect(await run(KPRO, { type: "CHANGE_POOL", parameters })).toMatchObject({
      ok: true,
      value: { already: true },
    })
  })
})

describe("what it reads", () => {
  const NONE = {
    summary: [],
    stats: [],
    devs: [],
    pools: [],
    temps: [],
    metadata: [],
    fans: [],
    power: [],
    config: [],
    profiles: [],
    events: [],
    nowS: null,
  }

  it("takes any curtailment and a power supply that is off for sleep", () => {
    expect(isAsleep({ CurtailMode: "None", IsPowerSupplyOn: true })).toBe(false)
    expect(isAsleep({ CurtailMode: "Sleep" })).toBe(true)
    expect(isAsleep({ CurtailMode: "None", IsPowerSupplyOn: false })).toBe(true)
    expect(isAsleep({})).toBe(false)
    expect(isAsleep(undefined)).toBe(false)
    expect(
      mapLux({ ...NONE, config: [{ CurtailMode: "Sleep" }], summary: [{ "GHS 5s": 12 }] }),
    ).toMatchObject({
      mining: false,
      power_mode: "sleep",
    })
  })

  it("tells an estimate from a measurement, and nothing from zero", () => {
    expect(mapLux({ ...NONE, power: [{ Watts: 1_051, PSU: false }] })).toMatchObject({
      power_consumption: 1_051,
      power_estimated: true,
    })
    expect(mapLux({ ...NONE, power: [{ Watts: 1_051, PSU: true }] }).power_estimated).toBe(false)
    expect(mapLux({ ...NONE, power: [{ Watts: 0, PSU: false }] })).toMatchObject({ power_estimated: null })
    expect(mapLux(NONE)).toMatchObject({ mining: null, fan_speeds: null, hashrate_expected_ghs: null })
  })

  it("B14 takes only events of the present run, by the machine's own clock", () => {
    const event = (CreatedAt: string, more: object = {}) => ({
      Code: "REBOOT_NOT_HASHING",
      CreatedAt,
      ...more,
    })
    const now = Date.parse("2026-01-15T12:00:00Z") / 1000
    const events = [
      event("2026-01-15T11:59:00+00:00", { Target: "BOARD", ID: 0, Description: "Board reboot." }),
      event("2026-01-14T11:59:00+00:00"),
      event("nonsense"),
    ]
    expect(presentEvents(events, now, 3_600)).toEqual([
      {
        code: "REBOOT_NOT_HASHING",
        message: expect.stringMatching(/^Board reboot\. Board 0\. Check the board/),
      },
    ])
    expect(presentEvents(events, null, 3_600)).toEqual([])
  })

  it("D19 sees a dead board with its event, and the boards in slot order", async () => {
    floor.farm.fault(KPRO, "dead-board")
    await floor.settle()
    const reading = await luxosDriver.read(floor.at(KPRO), await floor.known(KPRO))
    expect(reading).toMatchObject({
      ok: true,
      value: { boards_total: 3, boards_healthy: 2, overall_health: "critical", power_estimated: true },
    })
    if (reading.ok) expect(reading.value.errors!.map(({ code }) => code)).toEqual(["REBOOT_NOT_HASHING"])
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { DriverAction, DriverContext } from "../driver.ts"
import { familyByRpc } from "../signatures.ts"
import { type Floor, NEW_SECRET, simulatedFloor } from "../test/simulated.ts"
import { auradineDriver } from "./driver.ts"
import { mapAuradine, type Reports } from "./map.ts"
import { auradineFacts } from "./models.ts"

const NOTHING: Reports = {
  ...{ summary: null, devs: null, pools: null, psu: null, fan: null },
  ...{ temperature: null, frequency: null, mode: null, led: null },
}
const map = (reports: Partial<Reports>, model = "AT2880") =>
  mapAuradine({ ...NOTHING, ...reports }, auradineFacts(model))

describe("reports", () => {
  it("C01 is not taken for LuxOS, whose name stands inside", () => {
    expect(familyByRpc({ VERSION: [{ FluxOS: "FluxOS 1.2" }] }, "version")).toBe("auradine")
    expect(familyByRpc({ VERSION: [{ LUXminer: "2024.5.1" }] }, "version")).toBe("luxos")
  })

  it("A02 reads figures with their units, and sums power supplies that all tell", () => {
    expect(map({ psu: [{ PowerIn: "1900.50W" }, { PowerIn: "1800.25W" }] }).power_consumption).toBe(3700.75)
    expect(map({ psu: [{ PowerIn: "1900.50W" }, { PowerIn: "" }] }).power_consumption).toBeNull()
    expect(map({ fan: [{ Speed: 4000 }, { Speed: "4052.00 RPM" }, { Speed: 0 }] }).fan_speeds).toEqual([
      4000, 4052, 0,
    ])
    expect(map({}, "AD2500").fan_speeds).toEqual([])
  })

  it("A02 counts boards from 1, and leaves the control board out", () => {
    const chip = (list: number[]) => list.map((Temperature, ID) => ({ ID, Temperature }))
    const clock = (list: number[]) => list.map((Frequency, ID) => ({ ID, Frequency }))
    const mapped = map({
      devs: [
        { DEV: 1, ID: 1, Enabled: true, Status: "Alive", "MHS 5s": 80e6, Temperature: 60 },
        { DEV: 2, ID: 2, Enabled: false, Status: "Dead", "MHS 5s": 0 },
      ],
      temperature: [
        { ID: 0, BoardTemp: chip([44]), ChipTemp: null },
        { ID: 1, BoardTemp: chip([61, 63]), ChipTemp: chip([70, 0, 77]) },
        { ID: 3, BoardTemp: null, ChipTemp: null },
      ],
      frequency: [{ ID: 1, ChipFrequency: clock([600, 0, 610]) }],
    })
    expect(
      mapped.boards!.map(({ id, hashrate, temp, temp_chip_max, frequency, chips_ok }) => [
        id,
        hashrate,
        temp,
        temp_chip_max,
        frequency,
        chips_ok,
      ]),
    ).toEqual([
      [0, 80_000, 63, 77, 605, 2],
      [1, 0, null, null, null, 0],
      [2, null, null, null, null, null],
    ])
  })

  it("A21 a machine that sleeps says so in its mode", () => {
    const mode = [{ Mode: "turbo", Sleep: "on", Ths: 240, Power: 3800 }]
    expect(map({ mode, summary: [{ "MHS 5s": 0 }] })).toMatchObject({ mining: false, power_mode: "sleep" })
    expect(map({ mode: [{ Mode: "turbo", Sleep: "off", Ths: "240" }] })).toMatchObject({
      power_mode: "high",
      hashrate_expected_ghs: 240_000,
    })
    expect(map({ mode: [{ Mode: "custom", Sleep: "off" }] }).power_mode).toBeNull()
  })

  it("A02 takes the code of the light for a finding, but not that of a person", () => {
    const codes = (Code: unknown) => map({ led: [{ Code }] }).errors!.map(({ code }) => code)
    expect([2, 3, 101, "x"].flatMap(codes)).toEqual([])
    expect([1, "4", 8].flatMap(codes)).toEqual(["LED:1", "LED:4", "LED:8"])
  })
})

describe("acts", () => {
  const [ADDRESS, WITHOUT_LOGIN] = ["127.78.3.1", "127.78.3.2"]
  let floor: Floor
  beforeAll(async () => {
    floor = await simulatedFloor([
      { address: ADDRESS, profile: "auradine-at2880" },
      { address: WITHOUT_LOGIN, profile: "auradine-at1500" },
    ])
  })
  afterAll(() => floor.close())
  beforeEach(() => floor.reset(ADDRESS))
  const run = async (action: object, more: Partial<DriverContext> = {}) =>
    auradineDriver.act({ ...floor.at(ADDRESS), ...more }, await floor.known(ADDRESS), action as DriverAction)

  it("B13 keeps its totals when its login is refused, and says what is unknown", async () => {
    const identity = await floor.known(ADDRESS)
    floor.farm.miner(ADDRESS).password = "another"
    await floor.farm.advance(0)
    floor.farm.fault(ADDRESS, "other-password")
    const reading = await auradineDriver.read(floor.at(ADDRESS), identity)
    if (!reading.ok) throw new Error(reading.fault.message)
    expect(reading.value).toMatchObject({ mining: true, power_consumption: null, fan_speeds: null })
    expect(reading.value.error_message).toContain("needs a login")
    expect(reading.value.hashrate_5s_ghs).toBeGreaterThan(200_000)
  })

  it("needs no login where the command port tells everything", async () => {
    floor.farm.fault(WITHOUT_LOGIN, "other-password")
    const identity = await floor.known(WITHOUT_LOGIN)
    expect(identity.mac).not.toBeNull()
    const reading = await auradineDriver.read(floor.at(WITHOUT_LOGIN), identity)
    expect(reading).toMatchObject({ ok: true, value: { error_message: null, boards_healthy: 3 } })
  })

  it("A24 sets every board, keeps a mode over a nap, and says no as the machine does", async () => {
    expect(await run({ type: "SET_FREQ", parameters: { frequency_mhz: 500 } })).toMatchObject({
      ok: true,
      value: { after: { frequency_mhz: [500, 500, 500] } },
    })
    expect(await run({ type: "SET_FREQ", parameters: { frequency_mhz: 1_500 } })).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused" },
    })
    await run({ type: "POWER_MODE", parameters: { mode: "eco" } })
    await run({ type: "DISABLE", parameters: {} })
    expect(floor.farm.miner(ADDRESS).sleeping).toBe(true)
    await run({ type: "POWER_MODE", parameters: { mode: "high" } })
    expect(floor.farm.miner(ADDRESS).settings.mode).toBe(2)
  })

  it("A26 settles a lost answer by reading back", async () => {
    floor.farm.fault(ADDRESS, "act-drop-after", 1)
    expect(await run({ type: "DISABLE", parameters: {} })).toMatchObject({
      ok: true,
      value: { verified: true },
    })
    floor.farm.fault(ADDRESS, "act-drop-after", 1)
    expect(await run({ type: "REBOOT", parameters: { mode: "hard" } })).toMatchObject({ ok: true })
  })

  it("D20 tells no password, also not in a refusal", async () => {
    const outcome = await run({ type: "SET_LOGIN", parameters: { password: NEW_SECRET } })
    expect(outcome).toMatchObject({ ok: true, value: { verified: true, username: "admin" } })
    expect(JSON.stringify([outcome, floor.farm.acts(ADDRESS)])).not.toContain(NEW_SECRET)
    const credentials = { username: "admin", password: NEW_SECRET }
    expect(await run({ type: "LED", parameters: { state: "on" } }, { credentials })).toMatchObject({
      ok: true,
    })
  })
})

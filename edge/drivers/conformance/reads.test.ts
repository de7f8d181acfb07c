import { beforeEach, describe, expect, it } from "vitest"
import { COMMAND_FEATURES } from "#server/contract/commands.ts"
import { DRIVER_FAMILIES } from "#server/contract/families.ts"
import { SAMPLE_FIELDS, sampleSchema } from "#server/contract/telemetry.ts"
import type { Driver, Identity, Reading } from "../driver.ts"
import { driverFor } from "../registry.ts"
import { IN_ORDER, useFloorOf } from "./floor.ts"
import { asSample, untimed } from "./judge.ts"
import { addressOf, MACHINES } from "./machines.ts"

/** Every driver × read, against its simulator. */
it("stands for every family that has a driver", () => {
  const played = new Set(MACHINES.map(({ family }) => family))
  expect(DRIVER_FAMILIES.filter((family) => !played.has(family))).toEqual([])
})

describe.concurrent.each(MACHINES)("$profile", (machine) => {
  const floor = useFloorOf(machine)
  const address = addressOf(machine)
  const lacks = new Set(machine.lacks)
  let identity: Identity
  let driver: Driver
  beforeEach(async () => {
    await floor.reset(address)
    identity = await floor.known(address)
    driver = driverFor(identity.family)!
  })
  const read = async (): Promise<Reading> => {
    const reading = await driver.read(floor.at(address), identity)
    if (!reading.ok) throw new Error(reading.fault.message)
    return reading.value
  }

  it("C01 is recognised, says what was seen, and writes nothing", IN_ORDER, () => {
    expect(identity.family).toBe(machine.family)
    expect(identity.evidence.length).toBeGreaterThan(0)
    expect(identity.confidence).toBeGreaterThan(0.4)
    expect(identity.make.length).toBeGreaterThan(0)
    expect(floor.writes(address)).toEqual([])
  })

  it("A02 makes a valid sample with every field, its boards in slot order", IN_ORDER, async () => {
    const reading = await read()
    expect(sampleSchema.safeParse(asSample(reading)).error).toBeUndefined()
    expect(Object.keys(asSample(reading)).sort()).toEqual([...SAMPLE_FIELDS].sort())
    expect(reading).toMatchObject({ online: true, mining: true })
    expect(["healthy", "warning"]).toContain(reading.overall_health)
    const rate = reading.hashrate_5s_ghs ?? reading.hashrate_ghs
    const truth = floor.farm.miner(address).profile.ths * 1000
    if (!lacks.has("rate")) {
      expect(rate).toBeGreaterThan(truth * 0.9)
      expect(rate).toBeLessThan(truth * 1.1)
    }
    if (!lacks.has("uptime")) expect(reading.uptime_seconds).toBeGreaterThan(40_000)
    if (!lacks.has("temperatures")) expect(reading.temperature_max).toBeGreaterThan(30)
    if (!lacks.has("pools")) expect(reading.pools!.filter((pool) => pool.active)).toHaveLength(1)
    if (!lacks.has("pool-url")) expect(reading.pool_url).toContain("meridianpool.example")
    if (!lacks.has("boards")) {
      const slots = reading.boards!.map((board) => board.id)
      expect(slots).toHaveLength(floor.farm.miner(address).profile.boards)
      expect(slots).toEqual([...slots].sort((one, other) => one - other))
    }
  })

  it("reads the same thing twice, and writes nothing while reading", IN_ORDER, async () => {
    const before = floor.writes(address).length
    expect(untimed(await read())).toEqual(untimed(await read()))
    expect(floor.writes(address).slice(before)).toEqual([])
  })

  it("tells a machine asleep from one that is gone", IN_ORDER, async () => {
    const can = driver.capabilities(identity)
    if (!COMMAND_FEATURES.some((feature) => /DISABLE|sleep/.test(feature) && can.can(feature).ok)) return
    floor.farm.fault(address, "asleep")
    const reading = await read()
    expect(reading).toMatchObject({ online: true, mining: false })
    expect(reading.hashrate_5s_ghs ?? 0).toBe(0)
    expect(reading.efficiency).toBeNull()
  })

  it("B13 tells a login that is refused, and takes it for no sample of zeros", IN_ORDER, async () => {
    floor.farm.fault(address, "other-password")
    const refused: string[] = []
    const context = { ...floor.at(address), loginRefused: (user: string) => void refused.push(user) }
    const reading = await driver.read(context, identity)
    if (reading.ok) expect(reading.value.hashrate_5s_ghs ?? reading.value.hashrate_ghs).not.toBe(0)
    else expect(reading.fault.kind).toBe("auth")
  })
})

import { beforeEach, describe, expect, it } from "vitest"
import type { FaultKind } from "#edge/simulator/faults.ts"
import type { Outcome } from "#server/contract/driver-faults.ts"
import type { Driver, Identity, Reading } from "../driver.ts"
import { driverFor } from "../registry.ts"
import { IN_ORDER, useFloorOf } from "./floor.ts"
import { expectSampleOrFault, untimed } from "./judge.ts"
import { addressOf, MACHINES } from "./machines.ts"

/** Every driver × every fault of the wire, against its simulator. */
/** The answer arrives whole, only otherwise cut up. */
const HARMLESS = ["split", "nul-missing", "single-bytes", "slow"] as const satisfies FaultKind[]
/** Nothing that could be called an answer arrives. */
const FATAL = ["truncated", "garbage", "reset", "silent", "huge", "offline"] as const satisfies FaultKind[]
/** Something arrives that is not quite right. */
const ODD = [
  "wrong-types",
  "missing-keys",
  "nan",
  "huge-numbers",
  "wrong-encoding",
] as const satisfies FaultKind[]

describe.concurrent.each(MACHINES)("$profile", (machine) => {
  const floor = useFloorOf(machine)
  const address = addressOf(machine)
  let identity: Identity
  let driver: Driver
  beforeEach(async () => {
    await floor.reset(address)
    identity = await floor.known(address)
    driver = driverFor(identity.family)!
  })
  /** The farm's clock goes on only while the driver waits for it. */
  const read = async (): Promise<Outcome<Reading>> => {
    let settled = false
    const reading = driver.read(floor.at(address), identity).finally(() => {
      settled = true
    })
    while (!settled) {
      await floor.passTime(100)
    }
    return reading
  }

  it.each(HARMLESS)("B14 reads the same when its answers are %s", IN_ORDER, async (fault) => {
    const before = floor.farm.clock.nowMs()
    const healthy = await driver.read(floor.at(address), identity)
    floor.farm.fault(address, fault)
    const reading = await read()
    if (!healthy.ok || !reading.ok) throw new Error(JSON.stringify([healthy, reading]))
    if (floor.farm.clock.nowMs() === before) expect(untimed(reading.value)).toEqual(untimed(healthy.value))
    else
      expect(reading.value).toMatchObject({
        online: true,
        mining: true,
        boards_total: healthy.value.boards_total,
      })
  })

  it.each(FATAL)(
    "B13 B14 answers with a fault, as data, when its answers are %s",
    IN_ORDER,
    async (fault) => {
      floor.farm.fault(address, fault)
      await floor.farm.settled()
      // Nothing comes with time from a silent machine but, after minutes, the end of the connection.
      const reading = await (fault === "silent"
        ? driver.read(floor.at(address, AbortSignal.timeout(150)), identity)
        : read())
      expect(reading.ok).toBe(false)
      expectSampleOrFault(reading)
      if (!reading.ok && fault === "silent") expect(reading.fault.kind).toBe("timeout")
      if (!reading.ok && fault === "offline") expect(reading.fault.kind).toBe("refused")
    },
  )

  it.each(ODD)("makes a sample or a fault, and no nonsense, of answers with %s", IN_ORDER, async (fault) => {
    floor.farm.fault(address, fault)
    expectSampleOrFault(await read())
  })
})

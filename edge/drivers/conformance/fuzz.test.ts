import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { playedBack, recorded } from "../../recording/recording.ts"
import { driverFor } from "../registry.ts"
import { seededRandom } from "../test/random.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { expectSampleOrFault } from "./judge.ts"
import { addressOf, MACHINES } from "./machines.ts"
import { mutated } from "./mutate.ts"

/** Every driver under answers that were tampered with: seeded, so that a finding can be repeated. */
const SEED = 4
const RUNS = 400

let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor(
    MACHINES.map((machine) => ({ ...machine.spec, address: addressOf(machine), profile: machine.profile })),
  )
})
afterAll(() => floor.close())

describe.each(MACHINES)("$profile", (machine) => {
  it(`B13 makes a sample or a fault of ${RUNS} mutations of its answers`, async () => {
    const address = addressOf(machine)
    const identity = await floor.known(address)
    const driver = driverFor(identity.family)!
    const { value, recording } = await recorded(() => driver.read(floor.at(address), identity))
    expect(value.ok).toBe(true)
    for (let run = 0; run < RUNS; run += 1) {
      const random = seededRandom(SEED * 1_000_003 + run)
      const reading = await playedBack(
        recording,
        () => driver.read(floor.at(address), identity),
        ({ text }) => (random() < 0.5 ? mutated(text, random) : text),
      )
      expectSampleOrFault(reading)
    }
  })
})

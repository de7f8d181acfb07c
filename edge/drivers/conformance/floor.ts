import { afterAll, beforeAll } from "vitest"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { addressOf, type ConformanceMachine } from "./machines.ts"

/** For the tests of one machine, inside a suite whose machines run side by side. */
export const IN_ORDER = { concurrent: false } as const

/**
 * A floor with this machine alone, so that machines can be put through their suites side by side: none moves another's
 * clock. Call in a `describe`; its members are there from `beforeAll` on.
 */
export function useFloorOf(machine: ConformanceMachine): Floor {
  const floor = {} as Floor
  beforeAll(async () => {
    Object.assign(
      floor,
      await simulatedFloor([{ ...machine.spec, address: addressOf(machine), profile: machine.profile }]),
    )
  })
  // Not `floor.close()`, which ends the kept connections of all machines.
  afterAll(() => floor.farm.close())
  return floor
}

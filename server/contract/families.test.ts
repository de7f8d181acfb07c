import { describe, expect, it } from "vitest"
import { FAMILIES } from "#edge/drivers/registry.ts"
import { OTHER_FAMILIES } from "#edge/drivers/other-families.ts"
import { DRIVER_FAMILIES } from "./families.ts"

describe("families of miners", () => {
  it("are those that have a driver of their own", () => {
    expect([...DRIVER_FAMILIES]).toEqual(FAMILIES.filter((family) => !Object.hasOwn(OTHER_FAMILIES, family)))
  })
})

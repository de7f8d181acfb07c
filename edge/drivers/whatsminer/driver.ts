import { fault } from "#server/contract/driver-faults.ts"
import type { Driver } from "../driver.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { read } from "./read.ts"

const READ_ONLY = fault(
  "unsupported",
  "WhatsMiner commands need the encrypted write API, which this release does not speak.",
)

/** MicroBT's own firmware, API v1 and v2 on port 4028; v3 firmware as far as it still answers there. Reads only. */
export const whatsminerDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  identify,
  read,
  capabilities: () => ({ can: () => READ_ONLY }),
  act: async () => ({ ...READ_ONLY, sent: false }),
}

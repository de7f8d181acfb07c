import { ok } from "#server/contract/driver-faults.ts"
import type { Driver } from "../driver.ts"
import { act } from "./act.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { read } from "./read.ts"

/** Bitmain's own firmware: reads on port 4028, writes on the web interface. */
export const antminerDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  identify,
  read,
  capabilities: () => ({ can: () => ok(true) }),
  act,
}

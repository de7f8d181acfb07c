import type { Driver } from "../driver.ts"
import { act } from "./act.ts"
import { backup } from "./backup.ts"
import { capabilities } from "./capabilities.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { look } from "./look.ts"
import { read } from "./read.ts"

/** Bitmain's own firmware: reads on port 4028, writes on the web interface. */
export const antminerDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  identify,
  read,
  capabilities,
  act,
  backup,
  look,
}

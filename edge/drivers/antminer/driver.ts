import type { Driver } from "../driver.ts"
import { antminerAct } from "./act.ts"
import { backup } from "./backup.ts"
import { capabilities } from "./capabilities.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { antminerLook } from "./look.ts"
import { read } from "./read.ts"
import { ANTMINER } from "./web.ts"

/** Bitmain's own firmware: reads on port 4028, writes on the web interface. */
export const antminerDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  factoryUser: ANTMINER.factory.username,
  identify,
  read,
  capabilities,
  act: antminerAct(capabilities),
  backup,
  look: antminerLook(capabilities),
}

import { actBy } from "../act-table.ts"
import type { Driver } from "../driver.ts"
import { ACTS } from "./act.ts"
import { backup } from "./backup.ts"
import { capabilities } from "./capabilities.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { look } from "./look.ts"
import { read } from "./read.ts"
import { FACTORY } from "./send.ts"

/** MicroBT's own firmware with API v3: framed JSON on port 4433, and the older reads on 4028 for what that leaves out. */
export const whatsminerV3Driver: Driver = {
  family: FAMILY,
  make: MAKE,
  factoryUser: FACTORY.username,
  identify,
  read,
  capabilities,
  act: actBy(ACTS, capabilities),
  backup,
  look,
}

import { actBy } from "../act-table.ts"
import type { Driver } from "../driver.ts"
import { ACTS } from "./act.ts"
import { backup } from "./backup.ts"
import { capabilities } from "./capabilities.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { look } from "./look.ts"
import { read } from "./read.ts"
import { FACTORY } from "./token.ts"

/** MicroBT's own firmware with API v1 and v2: plain reads and encrypted writes on port 4028. */
export const whatsminerDriver: Driver = {
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

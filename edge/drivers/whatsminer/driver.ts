import type { Driver } from "../driver.ts"
import { featureOfAction } from "../feature-of-action.ts"
import { capabilities, refuse } from "./capabilities.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { read } from "./read.ts"

/** MicroBT's own firmware, API v1 and v2 on port 4028; v3 firmware as far as it still answers there. Reads only. */
export const whatsminerDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  identify,
  read,
  capabilities,
  act: async (_context, identity, action) => ({
    ...refuse(identity, featureOfAction(action)),
    sent: false,
  }),
}

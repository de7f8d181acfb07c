import { ok } from "#server/contract/driver-faults.ts"
import type { Driver } from "../driver.ts"
import { act } from "./act.ts"
import { backup } from "./backup.ts"
import { capabilities } from "./capabilities.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { read } from "./read.ts"
import { isRestored } from "./restore.ts"

/** Bitdeer's own firmware: reads on port 4028 without a login, writes there and on PHP pages behind one. */
export const sealminerDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  identify,
  read,
  capabilities,
  act,
  backup,
  look: async (context, before, action) =>
    action.type === "RESTORE_CONFIG" ? isRestored(context, before, action.settings) : ok(null),
}

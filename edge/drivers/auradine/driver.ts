import { ok } from "#server/contract/driver-faults.ts"
import type { Driver } from "../driver.ts"
import { act } from "./act.ts"
import { capabilities } from "./capabilities.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { read } from "./read.ts"
import { backup, isRestored } from "./restore.ts"

/** Auradine Teraflux with FluxOS: reads on port 4028, what that does not tell and all writes by the API on 8080. */
export const auradineDriver: Driver = {
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

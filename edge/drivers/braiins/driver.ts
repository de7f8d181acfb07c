import { ok } from "#server/contract/driver-faults.ts"
import type { Driver } from "../driver.ts"
import { act } from "./act.ts"
import { backup } from "./backup.ts"
import { capabilities } from "./capabilities.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { read } from "./read.ts"
import { isRestored } from "./restore.ts"

/** Braiins OS and BOSMiner: REST, GraphQL or port 4028, by the release. */
export const braiinsDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  factoryUser: "root",
  identify,
  read,
  capabilities,
  act,
  backup,
  look: async (context, before, action) =>
    action.type === "RESTORE_CONFIG" ? isRestored(context, before, action.settings) : ok(null),
}

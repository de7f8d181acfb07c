import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverAction, DriverContext, Identity } from "../driver.ts"
import { isRestored } from "./restore.ts"

/** What became of an act that nobody saw end. Reads only. */
export async function look(
  context: DriverContext,
  before: Identity,
  action: DriverAction,
): Promise<Outcome<boolean | null>> {
  return action.type === "RESTORE_CONFIG" ? isRestored(context, before, action.settings) : ok(null)
}

import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverAction, DriverContext, Identity } from "../driver.ts"
import { isUpdated } from "../whatsminer/look.ts"
import { identify } from "./identify.ts"
import { isRestored } from "./restore.ts"

/** What became of an act that nobody saw end. Reads only. */
export async function look(
  context: DriverContext,
  before: Identity,
  action: DriverAction,
): Promise<Outcome<boolean | null>> {
  if (action.type === "RESTORE_CONFIG") return isRestored(context, before, action.settings)
  if (action.type !== "UPDATE_FIRMWARE") return ok(null)
  const now = await identify(context)
  return now.ok ? ok(isUpdated(before, now.value, action.file)) : now
}

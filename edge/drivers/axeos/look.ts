import { ok } from "#server/contract/driver-faults.ts"
import type { Driver } from "../driver.ts"
import { isRestored } from "./backup.ts"
import { isUpdated } from "./firmware.ts"

/** What became of an act that nobody saw end. Reads only. */
export const look: NonNullable<Driver["look"]> = async (context, before, action) => {
  if (action.type === "RESTORE_CONFIG") return isRestored(context, before, action.settings)
  return action.type === "UPDATE_FIRMWARE" ? isUpdated(context, before, action.file) : ok(null)
}

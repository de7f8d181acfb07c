import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Driver, DriverContext, FirmwareFile, Identity } from "../driver.ts"
import { identify } from "./identify.ts"
import { isRestored } from "./restore.ts"

/** What became of an act that nobody saw end. Reads only; `false` is as of now, and a board may still be at it. */
export function antminerLook(capabilities: Driver["capabilities"]): NonNullable<Driver["look"]> {
  return async (context, before, action) => {
    if (action.type === "RESTORE_CONFIG") return isRestored(context, before, action.settings, capabilities)
    return action.type === "UPDATE_FIRMWARE" ? isUpdated(context, before, action.file) : ok(null)
  }
}

/** By its version: the file's, or another than before. The command port alone tells another kind of version. */
async function isUpdated(
  context: DriverContext,
  before: Identity,
  file: FirmwareFile,
): Promise<Outcome<boolean | null>> {
  const now = await identify(context)
  if (!now.ok) return now
  const version = now.value.firmwareVersion
  if (version === null || now.value.mac === null) return ok(null)
  if (version === file.version) return ok(true)
  const toldBefore = before.firmwareVersion !== null && before.mac !== null
  return ok(toldBefore ? version !== before.firmwareVersion : null)
}

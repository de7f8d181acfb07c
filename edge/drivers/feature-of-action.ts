import { type CommandFeature, featureOf } from "#server/contract/commands.ts"
import type { DriverAction } from "./driver.ts"

/** The feature that an action needs, as `capabilities` judges it. */
export function featureOfAction(action: DriverAction): CommandFeature {
  return action.type === "RESTORE_CONFIG" || action.type === "UPDATE_FIRMWARE"
    ? action.type
    : featureOf(action)
}

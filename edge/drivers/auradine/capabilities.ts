import { capabilitiesBy, everyFeature } from "../act-table.ts"
import type { Capabilities, Identity } from "../driver.ts"
import { auradineFacts } from "./models.ts"

export function capabilities(identity: Identity): Capabilities {
  const noFans = auradineFacts(identity.model)?.fans === 0 ? "it is built without fans" : null
  return capabilitiesBy(
    identity,
    {
      ...everyFeature(true),
      "THERMAL_POLICY.auto":
        noFans ?? "its API has no known way back to automatic fans; a new mode or a restart sets them anew",
      "THERMAL_POLICY.manual": noFans ?? true,
      "THERMAL_POLICY.immersion": noFans ?? "its API has no known mode for immersion",
      UPDATE_FIRMWARE: "it fetches its firmware from an address of its own; none can be handed to it",
    },
    "its API has no command for it",
  )
}

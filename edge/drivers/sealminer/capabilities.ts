import { capabilitiesBy, everyFeature } from "../act-table.ts"
import type { Capabilities, Identity } from "../driver.ts"

/** What the documented pages and commands of a SealMiner can do; all generations speak the same. */
export function capabilities(identity: Identity): Capabilities {
  const noFan = "it controls its fans by itself, and no command for them is known"
  return capabilitiesBy(
    identity,
    {
      ...everyFeature(true),
      SET_FREQ: "its frequency follows the mining mode, and no command for it is known",
      "THERMAL_POLICY.auto": noFan,
      "THERMAL_POLICY.manual": noFan,
      "THERMAL_POLICY.immersion": noFan,
      UPDATE_FIRMWARE: "how its web page takes new firmware is not known",
      SET_LOGIN: "how its web page changes the password is not known",
    },
    "no command for it is known",
  )
}

import { capabilitiesBy, everyFeature, type FeatureRules } from "../act-table.ts"
import { webDialect } from "../antminer/dialect.ts"
import { antminerFacts } from "../antminer/models.ts"
import type { Capabilities, Identity } from "../driver.ts"

/** Builds for the T9 and its like answer on port 4028 alone. */
const READ_ONLY = "this build for older Antminers has a command port that only reads, and no web interface"

/** What the stock web interface does, as far as Hiveon is known to have kept it. */
export function capabilities(identity: Identity): Capabilities {
  if (webDialect(identity.model) === "legacy") return capabilitiesBy(identity, {}, READ_ONLY)
  const fan = antminerFacts(identity.model)?.fans === 0 ? "it is built without fans" : true
  const rules: FeatureRules = {
    ...everyFeature(true),
    "POWER_MODE.high": "its high power mode is not documented",
    "POWER_MODE.eco": "its low power mode is not documented",
    "POWER_MODE.limit": "its web interface takes no power limit in watts",
    "THERMAL_POLICY.auto": fan,
    "THERMAL_POLICY.manual": fan,
    "THERMAL_POLICY.immersion": fan,
    UPDATE_FIRMWARE: "which images its upgrade page takes is not documented; update it by hand",
  }
  return capabilitiesBy(identity, rules, READ_ONLY)
}

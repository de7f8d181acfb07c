import { capabilitiesBy, everyFeature, type FeatureRules } from "../act-table.ts"
import type { Capabilities, Identity } from "../driver.ts"
import { isV1, knowsPowerLimit } from "./dialect.ts"
import { hasFans } from "./models.ts"

export const NO_FANS = "it is built without fans"
export const OWN_FANS =
  "it controls its fans by itself; all that can be told to it is whether they may stand still"

/** What its encrypted API takes, as far as that is documented for the version of it. */
export function capabilities(identity: Identity): Capabilities {
  const rules: FeatureRules = { ...everyFeature(true), ...fanRules(identity.model) }
  if (isV1(identity))
    rules.SET_FREQ = "its API does not tell which frequency it offsets, so none in MHz can be set"
  if (isV1(identity) || knowsPowerLimit(identity) === false)
    rules["POWER_MODE.limit"] =
      `its API${identity.api ? ` ${identity.api}` : ""} takes no power limit; that came with 2.0.5`
  return capabilitiesBy(identity, rules, "its API has no such command")
}

export function fanRules(model: string | null): FeatureRules {
  if (hasFans(model)) return { "THERMAL_POLICY.manual": OWN_FANS }
  return {
    "THERMAL_POLICY.manual": NO_FANS,
    "THERMAL_POLICY.auto": NO_FANS,
    "THERMAL_POLICY.immersion": NO_FANS,
  }
}

import { capabilitiesBy, everyFeature } from "../act-table.ts"
import type { Capabilities, Identity } from "../driver.ts"
import { fanRules } from "../whatsminer/capabilities.ts"

export function capabilities(identity: Identity): Capabilities {
  const rules = { ...everyFeature(true), ...fanRules(identity.model) }
  return capabilitiesBy(identity, rules, "its API has no such command")
}

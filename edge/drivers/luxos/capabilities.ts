import { capabilitiesBy, type FeatureRules } from "../act-table.ts"
import { antminerFacts } from "../antminer/models.ts"
import type { Capabilities, Identity } from "../driver.ts"

const NO_FANS = "it is built without fans"

/** What LuxOS can do, whatever the model; what only the machine knows (its profiles, its power range) it says itself. */
export function capabilities(identity: Identity): Capabilities {
  const fan = antminerFacts(identity.model)?.fans === 0 ? NO_FANS : true
  const rules: FeatureRules = {
    "REBOOT.soft": true,
    "REBOOT.hard": true,
    ENABLE: true,
    DISABLE: true,
    "POWER_MODE.high": true,
    "POWER_MODE.normal": true,
    "POWER_MODE.eco": true,
    "POWER_MODE.sleep": true,
    "POWER_MODE.limit": true,
    CHANGE_POOL: true,
    SET_FREQ: true,
    "THERMAL_POLICY.auto": fan,
    "THERMAL_POLICY.manual": fan,
    "THERMAL_POLICY.immersion":
      "how its immersion mode is switched is not documented; switch it on its own page",
    LED: true,
    BACKUP_CONFIG: true,
    RESTORE_CONFIG: true,
    UPDATE_FIRMWARE: "it fetches its images from its vendor by itself and takes no file",
    SET_LOGIN: "its commands have no login, only a lock for one caller at a time",
  }
  return capabilitiesBy(identity, rules, "it has no such command")
}

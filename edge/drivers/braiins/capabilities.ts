import { capabilitiesBy, everyFeature, type FeatureRules } from "../act-table.ts"
import type { Capabilities, Identity } from "../driver.ts"
import { type Dialect, dialectOf } from "./dialect.ts"

const NO_MODES = "it has no power modes; set a power limit in watts, or pause mining"
const TUNES = "its tuner chooses the frequencies by a power target; set a power limit in watts"
const NO_FILES = "it takes new images by its vendor's own tools alone"

const COMMON: FeatureRules = {
  "REBOOT.soft": true,
  "REBOOT.hard": true,
  ENABLE: true,
  DISABLE: true,
  "POWER_MODE.high": NO_MODES,
  "POWER_MODE.normal": NO_MODES,
  "POWER_MODE.eco": NO_MODES,
  "POWER_MODE.sleep": true,
  "POWER_MODE.limit": true,
  CHANGE_POOL: true,
  SET_FREQ: TUNES,
  LED: true,
  BACKUP_CONFIG: true,
  RESTORE_CONFIG: true,
  UPDATE_FIRMWARE: NO_FILES,
  SET_LOGIN: true,
}

const NO_GRAPHQL_FANS = "its releases before 25.07 set the fans on their own page alone"
const OLD = "this release is read through its command port, which only pauses and resumes mining"

const RULES: Record<Dialect, FeatureRules> = {
  rest: {
    ...COMMON,
    "THERMAL_POLICY.auto": true,
    "THERMAL_POLICY.manual": true,
    "THERMAL_POLICY.immersion": true,
  },
  graphql: {
    ...COMMON,
    "THERMAL_POLICY.auto": NO_GRAPHQL_FANS,
    "THERMAL_POLICY.manual": NO_GRAPHQL_FANS,
    "THERMAL_POLICY.immersion": NO_GRAPHQL_FANS,
  },
  rpc: { ...everyFeature(OLD), ENABLE: true, DISABLE: true, "POWER_MODE.sleep": true },
}

/** By the release: each interface can what it can. */
export function capabilities(identity: Identity): Capabilities {
  return capabilitiesBy(identity, RULES[dialectOf(identity)], "it has no such command")
}

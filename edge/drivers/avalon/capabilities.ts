import { capabilitiesBy, everyFeature, type FeatureRules } from "../act-table.ts"
import type { Capabilities, Identity } from "../driver.ts"
import { avalonFacts, type Generation, generationOf } from "./models.ts"

const NOT_TOLD = "it does not tell its model, and models differ in this"

/**
 * What a unit can do, by its generation. Beyond this its own list of options (`ascset 0,help`) is asked before a write, and
 * what it does not list is not sent.
 */
export function capabilities(identity: Identity): Capabilities {
  const generation = generationOf(identity.model)
  const sleep = generation === "old" ? "the firmware of the A7 to A9 cannot be put to sleep" : true
  const fan = avalonFacts(identity.model)?.fans === 0 ? "it is built without fans" : true
  const rules: FeatureRules = {
    ...everyFeature(true),
    ENABLE: sleep,
    DISABLE: sleep,
    "POWER_MODE.sleep": sleep,
    "POWER_MODE.normal": workMode(generation),
    "POWER_MODE.high": workMode(generation),
    "POWER_MODE.eco": eco(generation),
    "POWER_MODE.limit": "it takes no limit in watts; its power follows the work mode",
    "THERMAL_POLICY.auto": fan,
    "THERMAL_POLICY.manual": fan,
    "THERMAL_POLICY.immersion":
      fan === true
        ? "its fans run at 15 % at least and cannot be stopped, so it is not made for immersion"
        : fan,
    LED: light(generation),
    SET_LOGIN:
      generation === "old" ? "the firmware of the A7 to A9 does not change its password by command" : true,
    UPDATE_FIRMWARE: "it takes new firmware on its web page only",
  }
  return capabilitiesBy(identity, rules, NOT_TOLD)
}

function workMode(generation: Generation): true | string {
  switch (generation) {
    case "old":
      return "the firmware of the A7 to A9 has no work modes"
    case "home":
      return "its work modes are set on its own web page"
    case "unknown":
      return NOT_TOLD
    default:
      return true
  }
}

function eco(generation: Generation): true | string {
  const other = workMode(generation)
  if (other !== true || generation === "q" || generation === "nano3s") return other
  return "the A-series knows the modes normal and high only"
}

function light(generation: Generation): true | string {
  switch (generation) {
    case "old":
    case "a10":
      return "a light to be found by came with the A12"
    case "q":
      return "its firmware has no light to be found by"
    case "unknown":
      return NOT_TOLD
    default:
      return true
  }
}

import { ok } from "#server/contract/driver-faults.ts"
import { type ActTable, actBy, capabilitiesBy } from "../act-table.ts"
import type { Capabilities, Driver, Identity } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { backup, isRestored, restore } from "./backup.ts"
import { setCooling } from "./cooling.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { changePool } from "./pools.ts"
import { restartMining, setMining, setMode, setPowerTarget } from "./power.ts"
import { read } from "./read.ts"
import { isUpdated, locate, reboot, updateFirmware } from "./rig.ts"
import { setLogin } from "./set-login.ts"

const ACTS: ActTable = {
  REBOOT: (context, _identity, { parameters }) =>
    parameters.mode === "hard" ? reboot(context) : restartMining(context),
  ENABLE: (context) => setMining(context, true),
  DISABLE: (context) => setMining(context, false),
  POWER_MODE: async (context, _identity, { parameters }) => {
    if ("power_limit_w" in parameters) return setPowerTarget(context, parameters.power_limit_w)
    const { mode } = parameters
    if (mode === "sleep") return setMining(context, false)
    return mode === "normal"
      ? notDone("unsupported", "This power is not set on a Proto Rig.")
      : setMode(context, mode)
  },
  CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
  THERMAL_POLICY: (context, _identity, { parameters }) => setCooling(context, parameters),
  LED: (context, _identity, { parameters }) => locate(context, parameters.state === "on"),
  SET_LOGIN: (context, _identity, { parameters }) => setLogin(context, parameters),
  RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
  UPDATE_FIRMWARE: (context, identity, { file }) => updateFirmware(context, identity, file),
}

export function capabilities(identity: Identity): Capabilities {
  return capabilitiesBy(
    identity,
    {
      "REBOOT.soft": true,
      "REBOOT.hard": true,
      ENABLE: true,
      DISABLE: true,
      "POWER_MODE.high": true,
      "POWER_MODE.normal": "its two modes are high (most hashrate) and eco (most efficiency)",
      "POWER_MODE.eco": true,
      "POWER_MODE.sleep": true,
      "POWER_MODE.limit": true,
      CHANGE_POOL: true,
      SET_FREQ: "it finds its frequencies by itself; set a power target instead",
      "THERMAL_POLICY.auto": true,
      "THERMAL_POLICY.manual": true,
      "THERMAL_POLICY.immersion": true,
      LED: true,
      BACKUP_CONFIG: true,
      RESTORE_CONFIG: true,
      UPDATE_FIRMWARE: true,
      SET_LOGIN: true,
    },
    "it has no such command",
  )
}

/** Block's Proto Rig: REST with a token. */
export const protoRigDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  identify,
  read,
  capabilities,
  act: actBy(ACTS, capabilities),
  backup,
  look: async (context, before, action) => {
    if (action.type === "RESTORE_CONFIG") return isRestored(context, before, action.settings)
    return action.type === "UPDATE_FIRMWARE" ? isUpdated(context, before, action.file) : ok(null)
  },
}

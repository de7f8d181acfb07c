import { actBy, capabilitiesBy, everyFeature } from "../act-table.ts"
import { antminerFacts } from "../antminer/models.ts"
import type { Driver, Identity } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { backup } from "./backup.ts"
import { updateFirmware } from "./firmware.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { look } from "./look.ts"
import { locate, rest, restart, wake } from "./mining.ts"
import { changePool } from "./pools.ts"
import { limitPower, setMode } from "./presets.ts"
import { read } from "./read.ts"
import { restore } from "./restore.ts"
import { setLogin } from "./set-login.ts"
import { setFan, setFrequency } from "./tune.ts"

/** Everything; a model without fans has none to set. */
const capabilities = (identity: Identity) => {
  const noFans = antminerFacts(identity.model)?.fans === 0
  const fan = noFans ? "it is built without fans" : true
  const fans = { "THERMAL_POLICY.auto": fan, "THERMAL_POLICY.manual": fan } as const
  return capabilitiesBy(identity, { ...everyFeature(true), ...fans }, "this is not known of it")
}

/** VNish and AnthillOS on Antminers: a REST API behind one password, and a port 4028 that only reads. */
export const vnishDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  identify,
  read,
  capabilities,
  act: actBy(
    {
      REBOOT: (context, _identity, { parameters }) => restart(context, parameters.mode),
      ENABLE: (context) => wake(context),
      DISABLE: (context) => rest(context, "pause"),
      POWER_MODE: async (context, _identity, { parameters }) => {
        if ("power_limit_w" in parameters) return limitPower(context, parameters.power_limit_w)
        const { mode } = parameters
        if (mode === "sleep") return rest(context, "stop")
        return inTurn("settings and mining/start", [() => setMode(context, mode), () => wake(context)])
      },
      CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
      SET_FREQ: (context, _identity, { parameters }) => setFrequency(context, parameters),
      THERMAL_POLICY: (context, _identity, { parameters }) => setFan(context, parameters),
      LED: (context, _identity, { parameters }) => locate(context, parameters.state === "on"),
      SET_LOGIN: (context, _identity, { parameters }) => setLogin(context, parameters),
      RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
      UPDATE_FIRMWARE: (context, identity, { file }) => updateFirmware(context, identity, file),
    },
    capabilities,
  ),
  backup,
  look,
}

import { ok } from "#server/contract/driver-faults.ts"
import { actBy, capabilitiesBy, everyFeature } from "../act-table.ts"
import { antminerFacts } from "../antminer/models.ts"
import type { Driver, Identity } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { backup } from "./backup.ts"
import { locate, restart } from "./control.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { limitPower, setFan, setFrequency, setStock, sleep, wake } from "./mode.ts"
import { changePool } from "./pools.ts"
import { read } from "./read.ts"
import { isRestored, restore } from "./restore.ts"
import { MARATHON } from "./web.ts"

const NO_SUCH_MODE = "it has no high and low power mode; it tunes itself to a power limit in watts"

const capabilities = (identity: Identity) => {
  const fan = antminerFacts(identity.model)?.fans === 0 ? "it is built without fans" : true
  return capabilitiesBy(
    identity,
    {
      ...everyFeature(true),
      "POWER_MODE.high": NO_SUCH_MODE,
      "POWER_MODE.eco": NO_SUCH_MODE,
      "THERMAL_POLICY.auto": fan,
      "THERMAL_POLICY.manual": fan,
      "THERMAL_POLICY.immersion": "what its immersion profile is called is not documented",
      UPDATE_FIRMWARE: "how it takes an image is not documented; update it by hand",
      SET_LOGIN: "what its page for a new password wants is not documented; change it by hand",
    },
    "this is not known of it",
  )
}

/** MARA firmware on Antminers: one configuration that is read and written whole, behind a digest login. */
export const marathonDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  factoryUser: MARATHON.factory.username,
  identify,
  read,
  capabilities,
  act: actBy(
    {
      REBOOT: (context, _identity, { parameters }) => restart(context, parameters.mode),
      ENABLE: (context) => wake(context),
      DISABLE: (context) => sleep(context),
      POWER_MODE: async (context, _identity, { parameters }) => {
        if ("power_limit_w" in parameters) return limitPower(context, parameters.power_limit_w)
        if (parameters.mode === "sleep") return sleep(context)
        return parameters.mode === "normal" ? setStock(context) : notDone("unsupported", NO_SUCH_MODE)
      },
      CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
      SET_FREQ: (context, _identity, { parameters }) => setFrequency(context, parameters),
      THERMAL_POLICY: (context, _identity, { parameters }) => setFan(context, parameters),
      LED: (context, _identity, { parameters }) => locate(context, parameters.state === "on"),
      RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
    },
    capabilities,
  ),
  backup,
  look: async (context, before, action) =>
    action.type === "RESTORE_CONFIG" ? isRestored(context, before, action.settings) : ok(null),
}

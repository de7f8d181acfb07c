import { type ActTable, actBy } from "../act-table.ts"
import type { Identity } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { capabilities } from "./capabilities.ts"
import { setFan } from "./cooling.ts"
import { dialectOf } from "./dialect.ts"
import { setLed } from "./led.ts"
import { changePool } from "./pools.ts"
import { setPowerTarget } from "./power-target.ts"
import { reboot } from "./reboot.ts"
import { restore } from "./restore.ts"
import { setMining } from "./run.ts"
import { setLogin } from "./set-login.ts"

/** `capabilities` lets nothing through for the command port that would need the web. */
const webOf = (identity: Identity) => (dialectOf(identity) === "rest" ? "rest" : "graphql")

const ACTS: ActTable = {
  REBOOT: (context, identity, { parameters }) => reboot(context, webOf(identity), parameters.mode),
  ENABLE: (context, identity) => setMining(context, dialectOf(identity), true),
  DISABLE: (context, identity) => setMining(context, dialectOf(identity), false),
  POWER_MODE: async (context, identity, { parameters }) => {
    if ("power_limit_w" in parameters)
      return setPowerTarget(context, webOf(identity), parameters.power_limit_w)
    return parameters.mode === "sleep"
      ? setMining(context, dialectOf(identity), false)
      : notDone("unsupported", "This power is not set on a machine with Braiins OS.")
  },
  CHANGE_POOL: (context, identity, { parameters }) => changePool(context, webOf(identity), parameters),
  THERMAL_POLICY: (context, _identity, { parameters }) => setFan(context, parameters),
  LED: (context, identity, { parameters }) => setLed(context, webOf(identity), parameters.state === "on"),
  SET_LOGIN: (context, identity, { parameters }) => setLogin(context, webOf(identity), parameters),
  RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
}

export const act = actBy(ACTS, capabilities)

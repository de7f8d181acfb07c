import type { ActTable } from "../act-table.ts"
import { actBy } from "../act-table.ts"
import { capabilities } from "./capabilities.ts"
import { setFan } from "./fan.ts"
import { setLed } from "./led.ts"
import { changePool } from "./pools.ts"
import { curtail, setFrequency, setPowerMode } from "./power.ts"
import { reboot } from "./reboot.ts"
import { restore } from "./restore.ts"

const ACTS: ActTable = {
  REBOOT: (context, _identity, { parameters }) => reboot(context, parameters.mode),
  ENABLE: (context) => curtail(context, false),
  DISABLE: (context) => curtail(context, true),
  POWER_MODE: (context, _identity, { parameters }) => setPowerMode(context, parameters),
  CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
  SET_FREQ: (context, _identity, { parameters }) => setFrequency(context, parameters),
  THERMAL_POLICY: (context, _identity, { parameters }) => setFan(context, parameters),
  LED: (context, _identity, { parameters }) => setLed(context, parameters.state === "on"),
  RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
}

export const act = actBy(ACTS, capabilities)

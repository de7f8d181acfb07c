import type { ActTable } from "../act-table.ts"
import { setFan } from "./fan.ts"
import { updateFirmware } from "./firmware.ts"
import { setLight } from "./light.ts"
import { setLogin } from "./password.ts"
import { changePool } from "./pools.ts"
import { pause, resume, setFrequency, setPower } from "./power.ts"
import { reboot } from "./reboot.ts"
import { restore } from "./restore.ts"

/** Each is one signed command on port 4433. */
export const ACTS: ActTable = {
  REBOOT: (context, _identity, { parameters }) => reboot(context, parameters),
  ENABLE: (context) => resume(context),
  DISABLE: (context) => pause(context),
  POWER_MODE: (context, _identity, { parameters }) => setPower(context, parameters),
  CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
  SET_FREQ: (context, identity, { parameters }) => setFrequency(context, identity, parameters),
  THERMAL_POLICY: (context, _identity, { parameters }) => setFan(context, parameters),
  LED: (context, _identity, { parameters }) => setLight(context, parameters.state === "on"),
  SET_LOGIN: (context, _identity, { parameters }) => setLogin(context, parameters),
  RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
  UPDATE_FIRMWARE: (context, identity, { file }) => updateFirmware(context, identity, file),
}

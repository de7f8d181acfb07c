import type { ActTable } from "../act-table.ts"
import { setFan } from "./fan.ts"
import { updateFirmware } from "./firmware.ts"
import { setLight } from "./light.ts"
import { setLogin } from "./password.ts"
import { changePool } from "./pools.ts"
import { pause, resume, setFrequency, setPower } from "./power.ts"
import { reboot } from "./reboot.ts"
import { restore } from "./restore.ts"

/** Each is one command of the encrypted API on port 4028. */
export const ACTS: ActTable = {
  REBOOT: (context, identity, { parameters }) => reboot(context, identity, parameters),
  ENABLE: (context, identity) => resume(context, identity),
  DISABLE: (context, identity) => pause(context, identity),
  POWER_MODE: (context, identity, { parameters }) => setPower(context, identity, parameters),
  CHANGE_POOL: (context, identity, { parameters }) => changePool(context, identity, parameters),
  SET_FREQ: (context, identity, { parameters }) => setFrequency(context, identity, parameters),
  THERMAL_POLICY: (context, identity, { parameters }) => setFan(context, identity, parameters),
  LED: (context, identity, { parameters }) => setLight(context, identity, parameters.state === "on"),
  SET_LOGIN: (context, identity, { parameters }) => setLogin(context, identity, parameters),
  RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
  UPDATE_FIRMWARE: (context, identity, { file }) => updateFirmware(context, identity, file),
}

import { type ActTable, actBy } from "../act-table.ts"
import type { Driver } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { blink } from "./blink.ts"
import type { PowerMode } from "./conf.ts"
import { webDialect } from "./dialect.ts"
import { setFan } from "./fan.ts"
import { updateFirmware } from "./firmware.ts"
import { setFrequency } from "./frequency.ts"
import { changePool } from "./pools.ts"
import { enable, setMode } from "./power.ts"
import { rebootBoard, restartMining } from "./reboot.ts"
import { restore } from "./restore.ts"
import { setLogin } from "./set-login.ts"

/** What Bitmain's web interface does, on its own firmware and on others that kept it. */
export function antminerAct(capabilities: Driver["capabilities"]): Driver["act"] {
  const acts: ActTable = {
    REBOOT: (context, _identity, { parameters }) =>
      parameters.mode === "hard" ? rebootBoard(context) : restartMining(context),
    ENABLE: (context) => enable(context),
    DISABLE: (context) => setMode(context, "sleep"),
    POWER_MODE: async (context, _identity, { parameters }) =>
      "mode" in parameters && parameters.mode !== "high"
        ? setMode(context, parameters.mode satisfies PowerMode)
        : notDone("unsupported", "This power is not set on an Antminer."),
    CHANGE_POOL: (context, identity, { parameters }) =>
      changePool(context, parameters, webDialect(identity.model)),
    SET_FREQ: (context, _identity, { parameters }) => setFrequency(context, parameters),
    THERMAL_POLICY: (context, identity, { parameters }) =>
      setFan(context, parameters, webDialect(identity.model)),
    LED: (context, identity, { parameters }) =>
      blink(context, parameters.state === "on", webDialect(identity.model)),
    SET_LOGIN: (context, _identity, { parameters }) => setLogin(context, parameters),
    RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings, capabilities),
    UPDATE_FIRMWARE: (context, identity, { file }) => updateFirmware(context, identity, file),
  }
  return actBy(acts, capabilities)
}

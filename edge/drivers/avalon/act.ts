import { actBy } from "../act-table.ts"
import { notDone } from "../outcomes.ts"
import { capabilities } from "./capabilities.ts"
import { setFan } from "./fan.ts"
import { setFrequency } from "./frequency.ts"
import { setLight } from "./light.ts"
import { changePool } from "./pools.ts"
import { rebootBoard, restartMining } from "./reboot.ts"
import { restore } from "./restore.ts"
import { setLogin } from "./set-login.ts"
import { putToSleep, setPowerMode, wake } from "./sleep.ts"

export const act = actBy(
  {
    REBOOT: (context, identity, { parameters }) =>
      parameters.mode === "hard" ? rebootBoard(context, identity) : restartMining(context, identity),
    ENABLE: wake,
    DISABLE: putToSleep,
    POWER_MODE: async (context, identity, { parameters }) =>
      "mode" in parameters
        ? setPowerMode(context, identity, parameters.mode)
        : notDone("unsupported", "An Avalon takes no limit in watts."),
    CHANGE_POOL: (context, identity, { parameters }) => changePool(context, identity, parameters),
    SET_FREQ: (context, identity, { parameters }) => setFrequency(context, identity, parameters),
    THERMAL_POLICY: (context, identity, { parameters }) => setFan(context, identity, parameters),
    LED: (context, identity, { parameters }) => setLight(context, identity, parameters.state === "on"),
    SET_LOGIN: (context, identity, { parameters }) => setLogin(context, identity, parameters),
    RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
  },
  capabilities,
)

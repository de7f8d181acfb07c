import { actBy } from "../act-table.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { restartByRpc } from "../restart-by-rpc.ts"
import { acceptedWrite, sentByHttp, verifiedWrite } from "../verified-write.ts"
import { capabilities } from "./capabilities.ts"
import { changePool } from "./pools.ts"
import { limitPower, rebootByWeb, resume, setMode, suspend } from "./power.ts"
import { restore } from "./restore.ts"
import { readWebSettings, type WebSettings } from "./settings.ts"
import { postForm } from "./web.ts"

const rebootBoard = (context: DriverContext): Promise<ActOutcome> =>
  acceptedWrite({ ran: "reboot.php", send: () => rebootByWeb(context), message: "The miner reboots." })

function setLight(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return verifiedWrite<WebSettings>({
    context,
    ran: `led_conf.php ${on ? "on" : "off"}`,
    read: () => readWebSettings(context),
    isSo: ({ light }) => light === on,
    shown: ({ light }) => ({ light }),
    send: async () =>
      sentByHttp(await postForm(context, "led_conf.php", { key: "led", value: on ? "on" : "off" })),
    told: `the light is ${on ? "on" : "off"}`,
  })
}

export const act = actBy(
  {
    REBOOT: (context, _identity, { parameters }) =>
      parameters.mode === "hard" ? rebootBoard(context) : restartByRpc(context, null),
    ENABLE: (context) => resume(context),
    DISABLE: (context) => suspend(context),
    POWER_MODE: (context, _identity, { parameters }) =>
      !("mode" in parameters)
        ? limitPower(context, parameters.power_limit_w)
        : parameters.mode === "sleep"
          ? suspend(context)
          : setMode(context, parameters.mode),
    CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
    LED: (context, _identity, { parameters }) => setLight(context, parameters.state === "on"),
    RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
  },
  capabilities,
)

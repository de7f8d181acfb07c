import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { actBy } from "../act-table.ts"
import { changeLogin } from "../change-login.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { number } from "../transport/coerce.ts"
import { isTokenLoginTaken, presentTokenLogin } from "../transport/token-login.ts"
import { acceptedWrite, verifiedWrite } from "../verified-write.ts"
import { AURADINE_API, getReport, post } from "./api.ts"
import { capabilities } from "./capabilities.ts"
import { limitPower, setPowerMode, setSleep } from "./mode.ts"
import { changePool } from "./pools.ts"
import { restore } from "./restore.ts"
import { setFans, setFrequency } from "./tuning.ts"

const [NORMAL_LIGHT, LOCATE_LIGHT] = [2, 3]

/** Off is the light of a machine that is well; what is wrong with it shows again by itself. */
function setLight(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return verifiedWrite<number>({
    context,
    ran: `POST led ${on ? LOCATE_LIGHT : NORMAL_LIGHT}`,
    read: () => readLight(context),
    isSo: (code) => (code === LOCATE_LIGHT) === on,
    shown: (code) => ({ light: code === LOCATE_LIGHT }),
    send: () => post(context, "led", { code: on ? LOCATE_LIGHT : NORMAL_LIGHT }),
    told: `the light is ${on ? "on" : "off"}`,
  })
}

async function readLight(context: DriverContext): Promise<Outcome<number>> {
  const report = await getReport(context, "led")
  if (!report.ok) return report
  const code = number(report.value[0]?.Code)
  return code === null ? fault("garbled", "The miner does not tell its light.") : ok(code)
}

function restart(context: DriverContext, hard: boolean): Promise<ActOutcome> {
  return acceptedWrite({
    ran: hard ? "POST restart" : "POST restart gcminer",
    send: async () => {
      const sent = await post(context, "restart", hard ? {} : { parameter: "gcminer" })
      return sent.kind === "lost" && sent.fault.kind !== "timeout" ? { kind: "accepted" } : sent
    },
    message: hard ? "The miner reboots." : "The miner restarts its mining process.",
  })
}

function setLogin(
  context: DriverContext,
  username: string | undefined,
  password: string,
): Promise<ActOutcome> {
  const user = context.credentials?.username ?? AURADINE_API.factory.username
  if (username !== undefined && username !== user)
    return Promise.resolve(notDone("unsupported", `The user of this API is ${user}; it has no other.`))
  return changeLogin({
    ran: "POST password",
    door: "the API",
    wanted: (present) => ({ username: present?.username ?? user, password }),
    present: () => presentTokenLogin(context, AURADINE_API),
    isTaken: (login) => isTokenLoginTaken(context, AURADINE_API, login),
    send: async (old) => {
      const sent = await post({ ...context, credentials: old }, "password", {
        user: old.username,
        old: old.password,
        new: password,
      })
      // In words of our own: what a miner says of a password may repeat it.
      return sent.kind === "refused" ? { kind: "refused", message: "it does not take it" } : sent
    },
    ...(context.loginAccepted === undefined ? {} : { accepted: context.loginAccepted }),
  })
}

export const act = actBy(
  {
    REBOOT: (context, _identity, { parameters }) => restart(context, parameters.mode === "hard"),
    ENABLE: (context) => setSleep(context, false),
    DISABLE: (context) => setSleep(context, true),
    POWER_MODE: (context, _identity, { parameters }) =>
      !("mode" in parameters)
        ? limitPower(context, parameters.power_limit_w)
        : parameters.mode === "sleep"
          ? setSleep(context, true)
          : setPowerMode(context, parameters.mode),
    CHANGE_POOL: (context, _identity, { parameters }) => changePool(context, parameters),
    SET_FREQ: (context, _identity, { parameters }) => setFrequency(context, parameters),
    THERMAL_POLICY: (context, _identity, { parameters }) => setFans(context, parameters),
    LED: (context, _identity, { parameters }) => setLight(context, parameters.state === "on"),
    SET_LOGIN: (context, _identity, { parameters }) =>
      setLogin(context, parameters.username, parameters.password),
    RESTORE_CONFIG: (context, identity, { settings }) => restore(context, identity, settings),
  },
  capabilities,
)

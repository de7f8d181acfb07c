import type { SimulatedMiner } from "../../miner.ts"
import type { Answer, CommandRequest } from "../../rpc-protocol.ts"
import {
  type Change,
  letFansStop,
  limitPower,
  offsetFrequency,
  pause,
  reboot,
  resume,
  setLight,
  setMode,
  setPools,
} from "./changes.ts"
import { flat } from "./flat.ts"
import { receiveImage } from "./receive-image.ts"
import { traits } from "./rows.ts"
import { FACTORY_PASSWORD, forgetTokens, giveToken, isSigned, openEnvelope } from "./tokens.ts"

/** Writes of API v1 and v2. Their values are texts; whoever asks holds a token, and the API is switched on. */
type Members = Record<string, unknown>
type Write = (miner: SimulatedMiner, command: string, members: Members) => Change

const WRITES: Record<string, Write> = {
  update_pools: (miner, command, members) =>
    setPools(
      miner,
      command,
      [1, 2, 3].map((n) => ({
        url: text(members[`pool${n}`]),
        user: text(members[`worker${n}`]),
        pass: text(members[`passwd${n}`]),
      })),
    ),
  restart_btminer: (miner, command) => reboot(miner, false, command),
  reboot: (miner, command) => reboot(miner, true, command),
  power_off: (miner, command) => pause(miner, command),
  power_on: (miner, command) => resume(miner, command),
  set_low_power: (miner, command) => setMode(miner, command, "low"),
  set_normal_power: (miner, command) => setMode(miner, command, "normal"),
  set_high_power: (miner, command) => setMode(miner, command, "high"),
  adjust_power_limit: (miner, command, { power_limit }) => limitPower(miner, command, power_limit),
  set_target_freq: (miner, command, { percent }) => offsetFrequency(miner, command, percent),
  set_fan_zero_speed: (miner, command, { fan_zero_speed }) => letFansStop(miner, command, fan_zero_speed),
  set_led: (miner, _command, { param, color, period, duration, start }) => {
    if (param === "auto") return setLight(miner, false)
    const times = [period, duration, start]
    const flashes = ["red", "green"].includes(text(color)) && times.every((ms) => Number(ms) >= 0)
    return flashes ? setLight(miner, true) : null
  },
  update_pwd: (miner, _command, members) => {
    const password = text(members.new)
    if (text(members.old) !== miner.passwordOr(FACTORY_PASSWORD)) return null
    if (!/^[\w-]{1,8}$/.test(password)) return null
    miner.act("login", { user: "admin" })
    const after = () => {
      miner.password = password
      forgetTokens(miner)
    }
    return { after }
  },
  update_firmware: () => ({}),
}
/** Known to real machines and played by nobody here: they are refused like any other plain write. */
const OTHERS = new Set(
  (
    "power_off_cool set_power_pct set_power_pct_v2 adjust_upfreq_speed set_temp_offset set_poweroff_cool pre_power_on " +
    "enable_btminer_fast_boot disable_btminer_fast_boot enable_web_pools disable_web_pools set_hostname set_zone " +
    "load_log net_config factory_reset download_logs"
  ).split(" "),
)
const text = (value: unknown) => (typeof value === "string" ? value : "")

export const isWrite = (command: string) => Object.hasOwn(WRITES, command) || OTHERS.has(command)

/** Switched on with the vendor's tool; off as machines leave the factory, and where the farm says so. */
export const isApiOn = (miner: SimulatedMiner) => miner.privileged || miner.spec.privileged === undefined

export function answerToken(miner: SimulatedMiner): Answer {
  const token = giveToken(miner)
  return token === null ? flat(miner, "E", 136, "over max connect") : flat(miner, "S", 134, token)
}

/** An envelope that can be opened holds a command; its answer goes back in one. */
export function unwrapEnvelope(miner: SimulatedMiner, members: Members): CommandRequest | Answer | null {
  if (!("enc" in members)) return null
  if (traits(miner).envelope === false) return refused(miner, "envelope", 23, "invalid json")
  // Under API v3 the writes of this port are gone.
  if (!isApiOn(miner) || traits(miner).frameApi)
    return refused(miner, "envelope", 45, "can't access write cmd")
  const opened = openEnvelope(miner, members.data)
  const command = opened?.members.cmd ?? opened?.members.command
  if (opened === null || typeof command !== "string")
    return refused(miner, "envelope", 135, "check token err")
  const { wrap } = opened
  return { form: "json", command, parameter: null, newApi: false, info: null, members: opened.members, wrap }
}

function refused(miner: SimulatedMiner, command: string, code: number, message: string): Answer {
  miner.act("refused", { command, reason: message })
  return flat(miner, "E", code, message)
}

export function refuseWrite(miner: SimulatedMiner): Answer {
  return flat(miner, "E", 132, "command error")
}

/** Whether the caller may: then it meets the fault of acts. */
export function isAllowed(miner: SimulatedMiner, request: CommandRequest): boolean {
  if (request.wrap) return true
  return traits(miner).api === "v1" && isApiOn(miner) && isSigned(miner, request.members?.token)
}

export function answerWrite(miner: SimulatedMiner, request: CommandRequest): Answer {
  const { command, members = {} } = request
  if (!isAllowed(miner, request)) {
    if (traits(miner).api === "v2") return refused(miner, command, 23, "invalid json")
    const signed = isApiOn(miner) && "token" in members
    return signed
      ? refused(miner, command, 135, "check token err")
      : refused(miner, command, 45, "permission denied")
  }
  const write = WRITES[command]
  if (write === undefined || (command === "adjust_power_limit" && !traits(miner).powerLimit))
    return refused(miner, command, 14, "invalid cmd")
  const change = write(miner, command, members)
  if (change === null) return refused(miner, command, 132, "command error")
  if (command === "update_firmware") return awaitImage(miner, request)
  const ok = flat(miner, "S", 131, "API command OK")
  const drop = goesDownFirst(miner, command) ? { drop: true } : {}
  return { ...ok, ...drop, ...(change.after && { after: change.after }) }
}

/** Whether what answers is down before it has answered. */
function goesDownFirst(miner: SimulatedMiner, command: string): boolean {
  return command === "reboot" || (traits(miner).silentModes === true && /^set_\w+_power$/.test(command))
}

function awaitImage(miner: SimulatedMiner, { wrap = (answer: string) => answer }: CommandRequest): Answer {
  return {
    ...flat(miner, "S", 131, "ready"),
    goOn: (socket) =>
      receiveImage(socket, miner, traits(miner).model, (taken, after) => {
        const { body } = taken ? flat(miner, "S", 131, "API command OK") : refuseWrite(miner)
        socket.end(wrap(JSON.stringify(body)), after)
      }),
  }
}

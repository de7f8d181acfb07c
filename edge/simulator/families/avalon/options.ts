import type { SimulatedMiner } from "../../miner.ts"
import type { Answer } from "../../rpc-protocol.ts"
import type { Say } from "./rpc.ts"
import {
  deviceTimeS,
  schedule,
  setWorkMode,
  sleep,
  takePoolsOver,
  traitsOf,
  wake,
  workMode,
} from "./state.ts"

/** `ascset`: `0,option[,value…]`. */
export function ascset(miner: SimulatedMiner, parameter: string | null, say: Say): Answer {
  const [id, option = "", ...values] = (parameter ?? "").split(",")
  if (id !== "0") return say("E", 107, `Invalid ASC id ${id} - range is 0 - 0`)
  const { options } = traitsOf(miner)
  const run = options.includes(option) && Object.hasOwn(OPTIONS, option) ? OPTIONS[option] : undefined
  const name = option === "help" ? option : `set ${option}`
  const words: Words = {
    ok: () => say("S", 119, "ASC 0 set OK"),
    info: (text) => say("I", 118, `ASC 0 set info: ${text}`),
    no: (why) => {
      miner.act("refused", { command: `ascset ${name}`, reason: why })
      return say("E", 120, `ASC 0 set failed: ${why}`)
    },
  }
  if (run === undefined) {
    miner.act("refused", { command: `ascset ${name}` })
    return say("W", 117, "ASC 0 does not support any set options")
  }
  return run(miner, values, words)
}

type Words = { ok: () => Answer; info: (text: string) => Answer; no: (why: string) => Answer }
type Run = (miner: SimulatedMiner, values: string[], words: Words) => Answer

const sleepOrWake =
  (off: boolean): Run =>
  (miner, [value], { ok, info, no }) => {
    const option = off ? "softoff" : "softon"
    const at = /^1:(\d+)$/.exec(value ?? "")?.[1]
    if (traitsOf(miner).schedules !== (at !== undefined)) return no("invalid parameter")
    miner.act("conf", at === undefined ? { option } : { option, at: Number(at) })
    // A machine that was asleep for long often closes instead of answering.
    const silent = !off && miner.seed % 2 === 0
    const answer = at === undefined ? ok() : info(`success ${option}:${at}`)
    return {
      ...answer,
      ...(silent ? { drop: true } : {}),
      after: () => (at === undefined ? (off ? sleep : wake)(miner) : schedule(miner, off, Number(at))),
    }
  }

const OPTIONS: Record<string, Run> = {
  help: (miner, _values, { info }) => info(`${traitsOf(miner).options.join("|")}|`),
  time: (miner, _values, { info }) => info(`time ${deviceTimeS(miner)}`),
  voltage: (_miner, [value], { info, no }) =>
    value === undefined ? info("voltage 1188") : no("locked by facopts"),
  hashpower: (_miner, _values, { info }) => info("hashpower 1"),
  softoff: sleepOrWake(true),
  softon: sleepOrWake(false),
  "fan-spd": (miner, [value = ""], { ok, no }) => {
    const speed = Number(value)
    const range = /^(\d+)\.\.(\d+)$/.exec(value)
    if (range === null && speed !== -1 && !(speed >= 15 && speed <= 100)) return no("fan speed out of range")
    const manual = range === null && speed !== -1
    miner.act("conf", { option: "fan-spd", value })
    miner.adjust({ ...miner.settings, fanManual: manual, fanPwm: manual ? speed : 100 })
    return ok()
  },
  workmode: (miner, values, { ok, info, no }) => {
    const home = traitsOf(miner).dialect === "home"
    const value = home ? values[1] : values[0]
    if (values[0] === "get" || values[0] === "255") return info(`workmode ${workMode(miner)}`)
    if ((home && values[0] !== "set") || value === undefined || !/^\d$/.test(value))
      return no("invalid parameter")
    if (!setWorkMode(miner, Number(value))) return no("invalid work mode")
    miner.act("conf", { option: "workmode", value: Number(value) })
    return ok()
  },
  frequency: (miner, [value = ""], { ok, no }) => {
    const clocks = value.split(":").map(Number)
    const mean = clocks.reduce((sum, each) => sum + each, 0) / clocks.length
    const { frequencyMhz } = miner.profile
    if (![1, 4].includes(clocks.length) || !(mean >= frequencyMhz * 0.5 && mean <= frequencyMhz * 1.4))
      return no("frequency out of range")
    miner.act("conf", { option: "frequency", value })
    miner.adjust({ ...miner.settings, frequencyPercent: (mean / frequencyMhz) * 100 })
    return ok()
  },
  led: (miner, [value = ""], { ok, info, no }) => {
    const [lamp, state] = value.split("-").map(Number)
    if (lamp !== traitsOf(miner).lamp) return no("no such led")
    if (state === 255) return info(`LED[${miner.blinking ? 1 : 0}]`)
    if (state !== 0 && state !== 1) return no("invalid parameter")
    miner.act("blink", { on: state === 1 })
    miner.blinking = state === 1
    return ok()
  },
  reboot: (miner, [value = ""], { ok, no }) => {
    if (!(Number(value) >= 0 && Number(value) <= 300)) return no("invalid parameter")
    miner.act("reboot-hard", { via: "ascset" })
    return {
      ...ok(),
      drop: true,
      after: () => {
        takePoolsOver(miner)
        miner.rebootHard()
      },
    }
  },
  password: (miner, [old, next], { ok, no }) => {
    if (old !== miner.passwordOr("root")) return no("Auth Failed! password invalid!")
    if (next === undefined || next === "") return no("invalid parameter")
    if (next !== old) {
      miner.act("login", { user: traitsOf(miner).dialect === "home" ? "admin" : "root" })
      miner.password = next
    }
    return ok()
  },
}

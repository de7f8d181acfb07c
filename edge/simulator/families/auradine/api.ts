import { json, type WebAnswer, type WebRequest } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { hash32 } from "../../random.ts"
import { readMiner } from "../../reading.ts"
import { status } from "../../rpc-protocol.ts"
import { awakeMode, cgminerReports, KEPT_MODE, LIGHT_LOCATE, MODE_NAMES, ownReports } from "./reports.ts"

/** REST on port 8080: reports by GET, writes by POST, both with the header `Token`. */
const DESCRIPTION = "GCMiner 1.4.2"
const TOKEN = "auradine token"
type Fields = Record<string, unknown>

const pageOf = (url: string) => url.split("?")[0]!.slice(1)
const isPost = ({ method }: WebRequest) => method === "POST"

export function admit(miner: SimulatedMiner, request: WebRequest): WebAnswer | null {
  if (pageOf(request.url) === "token") return null
  const token = miner.memory.get(TOKEN)
  if (token !== undefined && request.headers.token === token && !miner.hasFault("other-password")) return null
  return { ...say(miner, "E", 45, "Invalid token"), status: 401 }
}

export function actOf(
  miner: SimulatedMiner,
  request: WebRequest,
): { name: string; refusal: WebAnswer } | null {
  const name = pageOf(request.url)
  if (!isPost(request) || name === "token") return null
  return { name, refusal: say(miner, "E", 500, "Not now") }
}

export function answer(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const name = pageOf(request.url)
  if (isPost(request)) {
    const fields = fieldsOf(request.body)
    const write = Object.hasOwn(WRITES, name) ? WRITES[name] : undefined
    if (name === "token") return logIn(miner, fields)
    if (write === undefined || fields.command !== name) return refuse(miner, name)
    return write(miner, fields) ?? refuse(miner, name)
  }
  const make = Object.hasOwn(ownReports, name) ? ownReports[name] : cgminerReports[name]
  if (make === undefined) return { ...say(miner, "E", 14, "Invalid command"), status: 404 }
  const { code, message, section, rows } = make(miner, readMiner(miner))
  return json({ STATUS: status("S", miner.nowS(), code, message, DESCRIPTION), [section]: rows, id: 1 })
}

function say(miner: SimulatedMiner, severity: "S" | "E", code: number, message: string): WebAnswer {
  return json({ STATUS: status(severity, miner.nowS(), code, message, DESCRIPTION), id: 1 })
}

function refuse(miner: SimulatedMiner, name: string): WebAnswer {
  miner.act("refused", { command: name })
  return say(miner, "E", 500, "Invalid parameters")
}

function fieldsOf(body: string): Fields {
  try {
    const given: unknown = JSON.parse(body)
    return typeof given === "object" && given !== null ? (given as Fields) : {}
  } catch {
    return {} // no JSON: refused by whoever misses its fields
  }
}

function logIn(miner: SimulatedMiner, { user, password }: Fields): WebAnswer {
  if (user !== "admin" || password !== miner.passwordOr("admin")) return say(miner, "E", 710, "Invalid login")
  const token = `t${hash32(miner.seed, Math.floor(miner.nowS())).toString(16)}`
  miner.memory.set(TOKEN, token)
  return json({
    STATUS: status("S", miner.nowS(), 700, "Token", DESCRIPTION),
    Token: [{ Token: token }],
    id: 1,
  })
}

type Write = (miner: SimulatedMiner, fields: Fields) => WebAnswer | null
const done = (miner: SimulatedMiner) => say(miner, "S", 501, "Success")
const modeOf = (name: unknown): number | undefined =>
  Object.keys(MODE_NAMES)
    .map(Number)
    .find((number) => MODE_NAMES[number] === name)

const WRITES: Record<string, Write> = {
  mode: (miner, { sleep, mode, tune, power }) => {
    const { settings } = miner
    if (sleep === "on" || sleep === "off") {
      miner.act("conf", { sleep })
      if (sleep === "on" && !miner.sleeping) {
        miner.memory.set(KEPT_MODE, settings.mode)
        miner.adjust({ ...settings, mode: 1 })
      }
      if (sleep === "off" && miner.sleeping) miner.adjust({ ...settings, mode: awakeMode(miner) })
      return done(miner)
    }
    if (
      mode === "custom" &&
      tune === "power" &&
      typeof power === "number" &&
      power >= 1_000 &&
      power <= 6_000
    ) {
      miner.act("conf", { mode, power })
      miner.adjust({ ...settings, powerLimitW: power })
      return done(miner)
    }
    const number = modeOf(mode)
    if (number === undefined) return null
    miner.act("conf", { mode })
    if (miner.sleeping) {
      miner.memory.set(KEPT_MODE, number)
      miner.settings = { ...settings, powerLimitW: null }
    } else miner.adjust({ ...settings, mode: number, powerLimitW: null })
    return done(miner)
  },
  led: (miner, { code }) => {
    if (typeof code !== "number") return null
    miner.act("blink", { on: code === LIGHT_LOCATE })
    miner.blinking = code === LIGHT_LOCATE
    return done(miner)
  },
  fan: (miner, { index, percentage }) => {
    const speed = Number(percentage)
    if (!(Number(index) >= 1 && Number(index) <= miner.profile.fans && speed >= 0 && speed <= 100))
      return null
    miner.act("conf", { fan: index, percentage })
    miner.adjust({ ...miner.settings, fanManual: true, fanPwm: speed })
    return done(miner)
  },
  frequency: (miner, { board, frequency }) => {
    const part = Number(frequency) / miner.profile.frequencyMhz
    if (!(Number(board) >= 1 && Number(board) <= miner.profile.boards && part >= 0.5 && part <= 1.4))
      return null
    miner.act("conf", { board, frequency })
    miner.adjust({ ...miner.settings, frequencyPercent: part * 100 })
    return done(miner)
  },
  updatepools: (miner, { pools }) => {
    const list = Array.isArray(pools) ? (pools as Fields[]) : []
    const isPool = (pool: Fields) => ["url", "user", "pass"].every((key) => typeof pool?.[key] === "string")
    if (list.length === 0 || list.length > 3 || !list.every(isPool)) return null
    const given = list.map(({ url, user, pass }) => ({
      url: String(url),
      user: String(user),
      pass: String(pass),
    }))
    miner.act("conf", { pools: given.map(({ url, user }) => ({ url, user })) })
    miner.adjust({ ...miner.settings, pools: given })
    return done(miner)
  },
  restart: (miner, { parameter }) => {
    if (parameter !== undefined && parameter !== "gcminer") return null
    const hard = parameter === undefined
    miner.act(hard ? "reboot-hard" : "reboot-soft", { via: "restart" })
    return { ...done(miner), after: () => (hard ? miner.rebootHard() : miner.restartMining()) }
  },
  password: (miner, { user, old, new: next }) => {
    if (user !== "admin" || old !== miner.passwordOr("admin") || typeof next !== "string" || next === "")
      return null
    miner.act("login", { user })
    miner.password = next
    miner.memory.delete(TOKEN)
    return done(miner)
  },
}

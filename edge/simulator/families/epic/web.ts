import { html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { MinerSettings } from "../../miner-settings.ts"
import { imageOf } from "../../upload.ts"
import { boardTemps, capabilities, chipRates, chipTemps, network, summary, TARGET_THS } from "./bodies.ts"

type Row = Record<string, unknown>
type Page = (miner: SimulatedMiner, param: unknown, request: WebRequest) => WebAnswer

const yes = (after?: () => void): WebAnswer => ({
  ...json({ result: true, error: null }),
  ...(after ? { after } : {}),
})
const no = (error: string): WebAnswer => json({ result: false, error })

const reads: Record<string, (miner: SimulatedMiner) => unknown> = {
  summary,
  capabilities,
  network,
  hashrate: chipRates,
  temps: boardTemps,
  "temps/chip": chipTemps,
}

const writes: Record<string, Page> = {
  miner: (miner, param) => {
    if (param !== "Stop" && param !== "Autostart") return refuse(miner, "miner", "Unknown param")
    return change(miner, { mode: param === "Stop" ? 1 : 0 }, "miner")
  },
  softreboot: (miner) => {
    miner.act("reboot-soft", { via: "softreboot" })
    return yes(() => miner.restartMining())
  },
  reboot: (miner, param) => {
    if (typeof param !== "string") return refuse(miner, "reboot", "param must be a text")
    miner.act("reboot-hard", { via: "reboot" })
    return yes(() => miner.rebootHard())
  },
  identify: (miner, param) => {
    if (typeof param !== "boolean") return refuse(miner, "identify", "param must be a bool")
    if (param !== miner.blinking) miner.act("blink", { on: param })
    miner.blinking = param
    return yes()
  },
  fanspeed: (miner, param) => {
    const { Auto, Manual } = object(param)
    if (Auto !== undefined) return change(miner, { fanManual: false }, "fanspeed")
    if (typeof Manual !== "number" || Manual < 0 || Manual > 100)
      return refuse(miner, "fanspeed", "Bad speed")
    return change(miner, { fanManual: true, fanPwm: Manual }, "fanspeed")
  },
  perpetualtune: (miner, param) => {
    if (typeof param !== "boolean") return refuse(miner, "perpetualtune", "param must be a bool")
    if (!param) miner.memory.delete(TARGET_THS)
    return change(miner, param ? {} : { powerLimitW: null }, "perpetualtune")
  },
  "perpetualtune/algo": (miner, param) => {
    const { algo, target, min_throttle, throttle_step } = object(param)
    const numbers = [target, min_throttle, throttle_step].every((each) => typeof each === "number")
    if (!numbers || !["PowerTune", "VoltageOptimizer", "ChipTune", "BoardTune"].includes(String(algo)))
      return refuse(miner, "perpetualtune/algo", "missing field")
    if (algo !== "PowerTune") miner.memory.set(TARGET_THS, target)
    return change(
      miner,
      { powerLimitW: algo === "PowerTune" ? (target as number) : null },
      "perpetualtune/algo",
    )
  },
  coin: (miner, param) => {
    const { coin, stratum_configs: configs, unique_id } = object(param)
    const pools = Array.isArray(configs) ? configs.map(object) : []
    const whole = pools.every((pool) =>
      ["pool", "login", "password"].every((name) => typeof pool[name] === "string"),
    )
    if (typeof coin !== "string" || typeof unique_id !== "boolean" || pools.length === 0 || !whole)
      return refuse(miner, "coin", "missing field")
    const entries = pools.map(({ pool, login, password }) => ({
      url: String(pool),
      user: String(login),
      pass: String(password),
    }))
    return change(miner, { pools: entries }, "coin")
  },
  password: (miner, param) => {
    if (typeof param !== "string" || param === "") return refuse(miner, "password", "param must be a text")
    miner.act("login", { user: "" })
    return yes(() => {
      miner.password = param
    })
  },
  systemupdate: (miner, _param, { upload }) => {
    if (upload === null || upload.field !== "update.zip")
      return refuse(miner, "systemupdate", "no update.zip")
    if (upload.fields.checksum !== upload.sha256) return refuse(miner, "systemupdate", "Checksum mismatch")
    const { version } = imageOf(upload)
    const { bytes, sha256 } = upload
    miner.act("upgrade", { file: upload.fileName, bytes, sha256, version })
    return yes(() => miner.install(version))
  },
}

const object = (value: unknown): Row =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : {}

function parsed(body: string): Row | null {
  try {
    return object(JSON.parse(body))
  } catch {
    return null
  }
}

function refuse(miner: SimulatedMiner, command: string, reason: string): WebAnswer {
  miner.act("refused", { command, reason })
  return no(reason)
}

function change(miner: SimulatedMiner, part: Partial<MinerSettings>, via: string): WebAnswer {
  const { pools, ...rest } = part
  const named = pools ? { pools: pools.map(({ url, user }) => ({ url, user })) } : {}
  miner.act("conf", { via, changed: Object.keys(part), ...rest, ...named })
  return yes(() => miner.adjust({ ...miner.settings, ...part }))
}

const pathOf = (url: string) => url.split("?")[0]!.slice(1)

export const isUpload = ({ method, url }: { method: string; url: string }) =>
  method === "POST" && pathOf(url) === "systemupdate"

const knows = (miner: SimulatedMiner, request: WebRequest) =>
  (request.upload?.fields.password ?? parsed(request.body)?.password) === miner.passwordOr("letmein")

/** Whoever asks without the password changes nothing, so it meets no fault of acts. */
export function actOf(
  miner: SimulatedMiner,
  request: WebRequest,
): { name: string; refusal: WebAnswer } | null {
  const path = pathOf(request.url)
  if (request.method !== "POST" || !Object.hasOwn(writes, path) || !knows(miner, request)) return null
  return { name: path, refusal: no("refused") }
}

/** A raw line of cgminer's is answered 400 by any web server; everything else is a document or a write. */
export function answerApi(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const path = pathOf(request.url)
  if (request.method === "POST" && Object.hasOwn(writes, path)) {
    if (!knows(miner, request)) return no("Incorrect password")
    return writes[path]!(miner, parsed(request.body)?.param, request)
  }
  if (request.method !== "GET" || !Object.hasOwn(reads, path)) return html("404 Not Found", 404)
  miner.countRead(`web:${path}`)
  return json(reads[path]!(miner))
}

export const answerDashboard = (_miner: SimulatedMiner, request: WebRequest): WebAnswer =>
  request.url === "/"
    ? html("<!doctype html><html><head><title>Miner Web Dashboard</title></head><body></body></html>")
    : html("404 Not Found", 404)

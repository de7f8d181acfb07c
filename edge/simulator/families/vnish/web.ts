import { html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { hex } from "../../random.ts"
import { imageOf } from "../../upload.ts"
import { factoryInfo, info, model, perfSummary, presets, settingsPage, status, summary } from "./bodies.ts"
import { readPosted } from "./settings.ts"
import { minerState, PAUSED, traits } from "./state.ts"

const TOKEN = "vnish.token"
const API = "/api/v1/"
const err = (text: string, code = 400): WebAnswer => json({ err: text }, code)
const done = (): WebAnswer => json({ success: true })

const reads: Record<string, (miner: SimulatedMiner) => unknown> = {
  info,
  model,
  status,
  "perf-summary": perfSummary,
  summary,
  chains: (miner) => (summary(miner).miner as Record<string, unknown>).chains,
  "chains/factory-info": factoryInfo,
  settings: settingsPage,
  "autotune/presets": presets,
}
const open = new Set(["info", "model", "status", "perf-summary", "find-miner"])
/** Open on most builds only. */
const oftenOpen = new Set(["summary", "chains", "chains/factory-info"])

const writes: Record<string, (miner: SimulatedMiner, request: WebRequest) => WebAnswer> = {
  settings: postSettings,
  "mining/restart": (miner) => {
    miner.act("reboot-soft", { via: "mining/restart" })
    return { ...done(), after: () => miner.restartMining() }
  },
  "mining/stop": (miner) => setMode(miner, "mining/stop", 1),
  "mining/start": (miner) => setMode(miner, "mining/start", 0),
  "mining/pause": (miner) =>
    minerState(miner) === "mining"
      ? setMode(miner, "mining/pause", 1)
      : refuse(miner, "mining/pause", "CGMiner err: failed-to-activate-pause-mode", 500),
  "mining/resume": (miner) =>
    minerState(miner) === "paused"
      ? setMode(miner, "mining/resume", 0)
      : refuse(miner, "mining/resume", "CGMiner err: failed-to-deactivate-pause-mode", 500),
  "mining/switch-pool": (miner, { body }) => {
    const index = Number(parsed(body).pool_id)
    if (!miner.settings.pools[index]) return refuse(miner, "mining/switch-pool", "Could not find pool", 404)
    miner.act("switch-pool", { index })
    miner.switchPool(index)
    return done()
  },
  "system/reboot": (miner) => {
    miner.act("reboot-hard", { via: "system/reboot" })
    return { ...done(), after: () => miner.rebootHard() }
  },
  "find-miner": (miner, { body }) => {
    const { on } = parsed(body)
    const wanted = typeof on === "boolean" ? on : !miner.blinking
    miner.act("blink", { on: wanted })
    miner.blinking = wanted
    return json({ on: wanted })
  },
  "firmware/update": update,
}

const pathOf = (url: string) => {
  const path = url.split("?")[0]!
  return path.startsWith(API) ? path.slice(API.length) : null
}
const parsed = (body: string): Record<string, unknown> => {
  try {
    return JSON.parse(body) as Record<string, unknown>
  } catch {
    return {}
  }
}

export const isUpload = ({ method, url }: { method: string; url: string }) =>
  method === "POST" && pathOf(url) === "firmware/update"

export function actOf({ method, url }: WebRequest): { name: string; refusal: WebAnswer } | null {
  const path = pathOf(url)
  return method === "POST" && path !== null && path in writes
    ? { name: path, refusal: err("refused", 500) }
    : null
}

/** Null: open to everybody, or the token is right. */
export function admit(miner: SimulatedMiner, request: WebRequest): WebAnswer | null {
  const path = pathOf(request.url)
  if (path === null || path === "unlock" || (request.method === "POST" && path === "find-miner")) return null
  const { closedReads, bareToken } = traits(miner)
  if (request.method === "GET" && (open.has(path) || (oftenOpen.has(path) && !closedReads))) return null
  const token = miner.memory.get(TOKEN)
  const bare = bareToken && path.startsWith("mining/")
  const wanted = bare ? String(token) : `Bearer ${String(token)}`
  return token !== undefined && request.headers.authorization === wanted ? null : err("unauthorized", 401)
}

export function answerWeb(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const path = pathOf(request.url)
  if (path === null) return otherPage(request.url)
  if (request.method === "POST" && path === "unlock") return unlock(miner, request.body)
  const page = request.method === "POST" ? writes[path] : undefined
  if (page) return page(miner, request)
  const read = request.method === "GET" ? reads[path] : undefined
  if (!read) return err("Not found", 404)
  miner.countRead(`web:${path}`)
  return json(read(miner))
}

function otherPage(url: string): WebAnswer {
  if (url.startsWith("/cgi-bin/")) return html("405 Method Not Allowed", 405)
  const head = '<head><meta name="firmware" content="AnthillOS"><title>Antminer</title></head>'
  return url === "/" ? html(`<!doctype html><html>${head}<body></body></html>`) : html("404", 404)
}

function unlock(miner: SimulatedMiner, body: string): WebAnswer {
  if (parsed(body).pw !== miner.passwordOr("admin")) return err("Wrong password", 403)
  const count = Number(miner.memory.get("vnish.unlocks") ?? 0) + 1
  miner.memory.set("vnish.unlocks", count)
  const token = hex(miner.seed, 400 + count, 32)
  miner.memory.set(TOKEN, token)
  return json({ token })
}

function setMode(miner: SimulatedMiner, via: string, mode: number): WebAnswer {
  miner.act("conf", { changed: ["mode"], mode, via })
  if (via === "mining/pause") miner.memory.set(PAUSED, true)
  else miner.memory.delete(PAUSED)
  return { ...done(), after: () => miner.applySettings({ ...miner.settings, mode }) }
}

function refuse(miner: SimulatedMiner, command: string, reason: string, code: number): WebAnswer {
  miner.act("refused", { command, reason })
  return err(reason, code)
}

function postSettings(miner: SimulatedMiner, { body }: WebRequest): WebAnswer {
  const posted = parsed(body)
  if (posted.password !== undefined) return changePassword(miner, posted.password as Record<string, unknown>)
  const verdict = readPosted(miner, posted)
  if ("refused" in verdict) return refuse(miner, "settings", verdict.refused, 400)
  const { pools, powerLimitW, fanManual, fanPwm, immersion } = verdict.settings
  miner.act("conf", {
    changed: verdict.changed,
    pools: pools.map(({ url, user }) => ({ url, user })),
    preset: powerLimitW,
    fan: { manual: fanManual, pwm: fanPwm, immersion },
  })
  return {
    ...json({ restart_required: verdict.restart, reboot_required: false }),
    after: () => miner.adjust(verdict.settings),
  }
}

function changePassword(miner: SimulatedMiner, { current, pw }: Record<string, unknown>): WebAnswer {
  if (current !== miner.passwordOr("admin") || typeof pw !== "string" || pw === "")
    return refuse(miner, "settings", "Wrong password", 400)
  miner.act("login", { user: "" })
  return {
    ...json({ restart_required: false, reboot_required: false }),
    after: () => {
      miner.password = pw
      miner.memory.delete(TOKEN)
    },
  }
}

function update(miner: SimulatedMiner, { upload }: WebRequest): WebAnswer {
  if (upload === null || upload.field !== "file") return refuse(miner, "firmware/update", "no file", 400)
  const { version } = imageOf(upload)
  const { fileName, bytes, sha256, fields } = upload
  miner.act("upgrade", { file: fileName, bytes, sha256, version, keep: fields.keep_settings ?? null })
  return { ...done(), after: () => miner.install(version) }
}

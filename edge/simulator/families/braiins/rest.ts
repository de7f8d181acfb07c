import { html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { restPages } from "./rest-pages.ts"
import { newToken, set, tokensOf, traitsOf } from "./traits.ts"

/** REST under /api/v1, of 25.07 and newer: a token for all but the version. */
const API = "/api/v1/"
const OPEN = new Set(["version", "auth/login"])
const pageOf = (url: string) => {
  const path = url.split("?")[0]!
  return path.startsWith(API) ? path.slice(API.length) : null
}
const no = (status: number, code: number, message: string) => json({ code, message }, status)
const notFound = no(404, 5, "Not found")

export function admitRest(miner: SimulatedMiner, { url, headers }: WebRequest): WebAnswer | null {
  const page = pageOf(url)
  if (page === null || OPEN.has(page)) return null
  const token = (headers.authorization ?? "").replace(/^Bearer /, "")
  return tokensOf(miner).has(token) ? null : no(401, 16, "Unauthenticated")
}

type Write = (miner: SimulatedMiner, body: unknown) => WebAnswer

const writes: Readonly<Record<string, Write>> = {
  "actions/pause": (miner) => setPaused(miner, true),
  "actions/resume": (miner) => setPaused(miner, false),
  "actions/start": (miner) => setPaused(miner, false),
  "actions/stop": (miner) => setPaused(miner, true),
  "actions/restart": (miner) => {
    miner.act("reboot-soft", { via: "actions/restart" })
    return { ...json({}), after: () => restart(miner) }
  },
  "actions/reboot": (miner) => {
    miner.act("reboot-hard", { via: "actions/reboot" })
    return { ...json({}), after: () => miner.rebootHard() }
  },
  "actions/locate": (miner, body) => {
    if (typeof body !== "boolean") return no(400, 3, "A boolean is expected")
    miner.act("blink", { on: body })
    miner.blinking = body
    return json(body)
  },
  "performance/power-target": (miner, body) => {
    const value = Number(objectOf(body).watt)
    const [min, max] = traitsOf(miner).powerRangeW
    if (!(value >= min && value <= max)) return no(400, 3, "Power target is out of range")
    set(miner, "power target", { powerLimitW: value })
    return json({ watt: value })
  },
  "cooling/mode": setCooling,
  "pools/batch": setPools,
  "auth/password": (miner, body) => {
    const { password } = objectOf(body)
    if (typeof password !== "string" || password === "") return no(400, 3, "A password is expected")
    miner.act("login", { user: "root" })
    return {
      ...json({}),
      after: () => {
        miner.password = password
        tokensOf(miner).clear()
      },
    }
  },
}

/** A restarted process knows its tokens no more. */
function restart(miner: SimulatedMiner): void {
  tokensOf(miner).clear()
  miner.restartMining()
}

function setPaused(miner: SimulatedMiner, paused: boolean): WebAnswer {
  const already = paused === miner.sleeping
  if (!already) set(miner, paused ? "pause" : "resume", { mode: paused ? 1 : 0 })
  return json({ [paused ? "already_paused" : "already_mining"]: already })
}

function setCooling(miner: SimulatedMiner, body: unknown): WebAnswer {
  const { auto, manual, immersion } = objectOf(body)
  const ratio = objectOf(manual).fan_speed_ratio
  if (auto !== undefined) set(miner, "cooling", { fanManual: false, immersion: false })
  else if (immersion !== undefined) set(miner, "cooling", { fanManual: false, immersion: true })
  else if (typeof ratio === "number" && ratio >= 0 && ratio <= 1)
    set(miner, "cooling", { fanManual: true, immersion: false, fanPwm: Math.round(ratio * 100) })
  else return no(400, 3, "Unknown cooling mode")
  return json(body)
}

function setPools(miner: SimulatedMiner, body: unknown): WebAnswer {
  const groups = Array.isArray(body) ? body.map(objectOf) : []
  const entries = groups.flatMap((group) => (Array.isArray(group.pools) ? group.pools.map(objectOf) : []))
  const pools = entries.map(({ url, user, password }) => ({
    url: String(url ?? ""),
    user: String(user ?? ""),
    pass: String(password ?? ""),
  }))
  if (pools.length === 0 || pools.some(({ url }) => !/^stratum2?\+\w+:\/\/\S+/.test(url)))
    return no(400, 3, "Invalid pool groups")
  miner.poolSwitches = null
  set(miner, "pools", { pools })
  return json(groups.map(({ name }) => ({ name })))
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}

export function restActOf({ method, url }: WebRequest): { name: string; refusal: WebAnswer } | null {
  const page = pageOf(url)
  if (page === null || method !== "PUT" || !Object.hasOwn(writes, page)) return null
  return { name: page, refusal: no(412, 9, "The miner cannot do this now") }
}

export function answerRest(miner: SimulatedMiner, { method, url, body }: WebRequest): WebAnswer {
  const page = pageOf(url)
  if (page === null) return frontPage(url)
  const given = parsed(body)
  if (page === "auth/login") return method === "POST" ? logIn(miner, objectOf(given)) : notFound
  if (method === "PUT" && Object.hasOwn(writes, page)) {
    const answer = writes[page]!(miner, given)
    if (answer.status >= 400) miner.act("refused", { page, status: answer.status })
    return answer
  }
  if (method !== "GET" || !Object.hasOwn(restPages, page)) return notFound
  miner.countRead(`rest:${page}`)
  return json(restPages[page]!(miner))
}

export function frontPage(url: string): WebAnswer {
  return url === "/" || url === "/index.html"
    ? html(
        '<!doctype html><html><head><meta charset="utf-8"><title>Braiins OS</title></head><body></body></html>',
      )
    : html("<html><body><h1>404 - Not Found</h1></body></html>", 404)
}

function logIn(miner: SimulatedMiner, { username, password }: Record<string, unknown>): WebAnswer {
  if (username !== "root" || password !== miner.passwordOr("root")) return no(401, 16, "Unauthenticated")
  return json({ token: newToken(miner), timeout_s: 3_600 })
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined // no body, or no JSON: the page says what it misses
  }
}

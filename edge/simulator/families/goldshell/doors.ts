import { type Door, html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { hex } from "../../random.ts"
import { readMiner } from "../../reading.ts"
import { type Answer, type CommandRequest, round2 } from "../../rpc-protocol.ts"
import { answerCgminer } from "../cgminer/rpc.ts"
import type { GoldshellTraits } from "./profiles.ts"

/** Goldshell: bfgminer on 4028, and `/mcb/*` behind a token that a GET gives. */
const TOKEN = "goldshell.token"
const traits = (miner: SimulatedMiner) => miner.profile as Machine & GoldshellTraits

export const goldshellDoors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerGoldshell,
    mayJoin: (miner) => miner.joins ?? true,
    nulTerminated: true,
    isAct: () => false,
  },
  {
    kind: "web",
    port: 80,
    admit,
    answer: answerWeb,
    actOf: (_miner, { method, url }) =>
      method === "PUT" && pathOf(url) in writes
        ? { name: pathOf(url), refusal: json({ error: "refused" }, 500) }
        : null,
    server: "nginx",
  },
]

const pathOf = (url: string) => url.split("?")[0]!

function answerGoldshell(miner: SimulatedMiner, request: CommandRequest): Answer {
  const answer = answerCgminer(miner, request)
  const { VERSION, DEVS, DEVDETAILS } = answer.body as Record<string, Record<string, unknown>[] | undefined>
  if (VERSION) VERSION[0] = { Miner: "bfgminer 5.5.0", API: "3.3" }
  const r = readMiner(miner)
  for (const row of DEVS ?? []) {
    const board = r.boards[Number(row.ASC)]!
    row["MHS 20s"] = row["MHS 5s"]
    row["tstemp-1"] = board.alive ? Math.max(...board.boardC) : 0
    row["tstemp-2"] = board.alive ? Math.min(...board.boardC) : 0
    for (const [i, rpm] of r.fanRpm.entries()) row[`fan${i}`] = rpm
    delete row["MHS 5s"]
  }
  for (const row of DEVDETAILS ?? []) row["chips-nr"] = r.boards[Number(row.ID)]!.chipsOk
  return answer
}

function admit(miner: SimulatedMiner, { url, headers }: WebRequest): WebAnswer | null {
  if (!pathOf(url).startsWith("/mcb/")) return null
  const token = miner.memory.get(TOKEN)
  return token !== undefined && headers.authorization === `Bearer ${String(token)}`
    ? null
    : json({ error: "unauthorized" }, 401)
}

const reads: Record<string, (miner: SimulatedMiner) => unknown> = {
  "/mcb/status": (miner) => ({
    model: `Goldshell-${traits(miner).model.replaceAll(" ", "")}`,
    firmware: miner.firmwareVersion ?? traits(miner).firmware,
    hardware: "GSH-1",
  }),
  "/mcb/setting": settingOf,
  "/mcb/pools": (miner) => (traits(miner).grouped ? { groups: [{ pools: poolsOf(miner) }] } : poolsOf(miner)),
  "/mcb/cgminer": (miner) => {
    const r = readMiner(miner)
    const infos = r.boards.map((board) => ({
      hashrate: round2(board.ths * 1e6),
      temp: String(Math.max(...board.boardC)),
      fanspeed: r.fanRpm[board.slot % r.fanRpm.length],
      time: r.elapsedS,
      power: Math.round(r.powerW / r.boards.length),
    }))
    return { minfos: [{ name: traits(miner).model, infos }] }
  },
}

/** Levels as Antminers number their modes: normal, low, sleep. */
const LEVEL_OF_MODE: Readonly<Record<number, number>> = { 0: 0, 3: 1, 1: 3 }
const MODE_OF_LEVEL: Readonly<Record<number, number>> = { 0: 0, 1: 3, 3: 1 }

function settingOf(miner: SimulatedMiner) {
  return {
    name: macOf(miner),
    version: traits(miner).firmware,
    powerplans: [{ level: 0 }, { level: 1 }, { level: 3 }],
    select: LEVEL_OF_MODE[miner.settings.mode] ?? 0,
    ledcontrol: miner.blinking,
    ...miner.settings.extra,
  }
}

const poolsOf = ({ settings }: SimulatedMiner) =>
  settings.pools.map(({ url, user, pass }, at) => ({
    url,
    user,
    pass,
    legal: true,
    active: at === 0,
    dragid: at,
    "pool-priority": at,
  }))

const writes: Record<string, (miner: SimulatedMiner, body: Record<string, unknown>) => WebAnswer> = {
  "/mcb/setting": putSetting,
  "/mcb/newpool": (miner, { url, user, pass }) => {
    if (![url, user, pass].every((each) => typeof each === "string")) return refuse(miner, "newpool")
    const pools = [...miner.settings.pools, { url: String(url), user: String(user), pass: String(pass) }]
    miner.act("conf", { changed: ["pools"], added: { url, user } })
    miner.adjust({ ...miner.settings, pools })
    return json(poolsOf(miner))
  },
  "/mcb/delpool": (miner, { url, user, dragid }) => {
    const at = miner.settings.pools.findIndex(
      (pool, index) => pool.url === url && pool.user === user && index === dragid,
    )
    const found =
      at >= 0 ? at : miner.settings.pools.findIndex((pool) => pool.url === url && pool.user === user)
    if (found < 0) return refuse(miner, "delpool")
    miner.act("conf", { changed: ["pools"], removed: { url, user } })
    miner.adjust({ ...miner.settings, pools: miner.settings.pools.filter((_, index) => index !== found) })
    return json(poolsOf(miner))
  },
}

/** The whole page: members that are left out are gone. */
function putSetting(miner: SimulatedMiner, body: Record<string, unknown>): WebAnswer {
  const mode = MODE_OF_LEVEL[Number(body.select)]
  if (mode === undefined || typeof body.ledcontrol !== "boolean") return refuse(miner, "setting")
  const extra = Object.fromEntries(
    Object.keys(miner.settings.extra).flatMap((key) => (key in body ? [[key, body[key]]] : [])),
  )
  if (miner.blinking !== body.ledcontrol) {
    miner.blinking = body.ledcontrol
    miner.act("blink", { on: body.ledcontrol })
  }
  if (mode === miner.settings.mode) {
    miner.settings = { ...miner.settings, extra }
    return json(settingOf(miner))
  }
  miner.act("conf", { changed: ["mode"], mode })
  miner.applySettings({ ...miner.settings, mode, extra })
  return json(settingOf(miner))
}

function refuse(miner: SimulatedMiner, page: string): WebAnswer {
  miner.act("refused", { page })
  return json({ error: "bad request" }, 400)
}

function answerWeb(miner: SimulatedMiner, { method, url, body }: WebRequest): WebAnswer {
  const path = pathOf(url)
  if (path === "/") return html("<!doctype html><title>cloud-box</title>")
  if (path === "/user/logout") return json({})
  if (path === "/user/login") return logIn(miner, new URLSearchParams(url.split("?")[1]))
  const write = method === "PUT" ? writes[path] : undefined
  if (write) {
    try {
      return write(miner, JSON.parse(body) as Record<string, unknown>)
    } catch {
      return refuse(miner, path)
    }
  }
  const read = method === "GET" ? reads[path] : undefined
  if (!read) return html("404", 404)
  miner.countRead(`web:${path}`)
  return json(read(miner))
}

function logIn(miner: SimulatedMiner, query: URLSearchParams): WebAnswer {
  const right = query.get("username") === "admin" && query.get("password") === miner.passwordOr("123456789")
  if (!right || query.get("cipher") !== "false") return json({ error: "wrong password" }, 401)
  const token = hex(miner.seed, 500, 40)
  miner.memory.set(TOKEN, token)
  return json({ "JWT Token": token })
}

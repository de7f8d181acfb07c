import { type Door, html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { hex } from "../../random.ts"
import { readMiner } from "../../reading.ts"
import type { IceriverTraits } from "./profiles.ts"

/** IceRiver: one panel behind a cookie; every request is a POST with its parameters in the query. */
const SESSION = "iceriver.session"
const traits = (miner: SimulatedMiner) => miner.profile as Machine & IceriverTraits

export const iceriverDoors: readonly Door[] = [
  {
    kind: "web",
    port: 80,
    answer,
    actOf: (miner, request) =>
      isLoggedIn(miner, request) && queryOf(request).has("locate")
        ? { name: "locate", refusal: json({ error: 1, message: "refused" }, 500) }
        : null,
  },
]

const queryOf = ({ url }: WebRequest) => new URLSearchParams(url.split("?")[1])

function isLoggedIn(miner: SimulatedMiner, { headers }: WebRequest): boolean {
  const session = miner.memory.get(SESSION)
  return session !== undefined && (headers.cookie ?? "").includes(`sid=${String(session)}`)
}

function answer(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const path = request.url.split("?")[0]!
  const query = queryOf(request)
  const loginPage = html("<html><head><title>用户界面</title></head></html>")
  if (request.method === "POST" && path === "/user/loginpost" && query.get("post") === "6")
    return logIn(miner, query)
  if (path !== "/user/userpanel") return path === "/" ? loginPage : html("404", 404)
  if (!isLoggedIn(miner, request)) return loginPage
  if (request.method !== "POST") return html("404", 404)
  if (query.get("post") === "5") {
    miner.blinking = query.get("locate") === "1"
    miner.act("blink", { on: miner.blinking })
    return json({ error: 0, message: "" })
  }
  if (query.get("post") !== "4") return json({ error: 1, message: "unknown" })
  miner.countRead("web:userpanel")
  return json({ error: 0, data: panel(miner), message: "" })
}

function logIn(miner: SimulatedMiner, query: URLSearchParams): WebAnswer {
  if (query.get("user") !== "admin" || query.get("pwd") !== miner.passwordOr("12345678"))
    return json({ error: 1, message: "wrong" })
  const session = hex(miner.seed, 600, 24)
  miner.memory.set(SESSION, session)
  return { ...json({ error: 0, message: "" }), headers: { "Set-Cookie": `sid=${session}; Path=/` } }
}

/** Rates with their letter, a time of four parts, the MAC with dashes. */
function panel(miner: SimulatedMiner): Record<string, unknown> {
  const r = readMiner(miner)
  const { unit, image, told } = traits(miner)
  const rate = (ths: number) => `${(unit === "T" ? ths : ths * 1000).toFixed(unit === "T" ? 3 : 0)}${unit}`
  const days = Math.floor(r.elapsedS / 86_400)
  const clock = [Math.floor(r.elapsedS / 3600) % 24, Math.floor(r.elapsedS / 60) % 60, r.elapsedS % 60]
  return {
    model: told,
    algo: "none",
    online: true,
    softver1: miner.firmwareVersion ?? image,
    mac: macOf(miner).toLowerCase().replaceAll(":", "-"),
    host: "iceriver",
    unit,
    rtpow: rate(r.ths5s),
    avgpow: rate(r.thsAvg),
    powstate: true,
    locate: miner.blinking,
    fans: r.fanRpm,
    boards: r.boards.map((board) => ({
      no: board.slot + 1,
      chipnum: board.chips,
      chipsuc: board.chipsOk,
      error: 0,
      freq: board.frequencyMhz,
      rtpow: rate(board.ths),
      avgpow: rate(board.thsAvg),
      intmp: Math.round(r.inletC + 8),
      outtmp: Math.max(...board.boardC),
    })),
    pools: [0, 1, 2].map((slot) => {
      const pool = r.pools.find((each) => each.index === slot)
      return {
        no: slot + 1,
        addr: pool?.url ?? "",
        user: pool?.user ?? "",
        pass: miner.settings.pools[slot]?.pass ?? "",
        connect: pool?.alive === true,
        diff: `${r.difficulty} G`,
        priority: slot,
        accepted: pool?.accepted ?? 0,
        rejected: pool?.rejected ?? 0,
        state: pool?.active === true ? 1 : 0,
      }
    }),
    runtime: [days, ...clock].map((part) => String(part).padStart(2, "0")).join(":"),
  }
}

import { type Door, html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { hex } from "../../random.ts"
import { type Reading, readMiner } from "../../reading.ts"
import { type Answer, type CommandRequest, round2 } from "../../rpc-protocol.ts"
import { answerAntminer } from "../antminer/rpc.ts"
import type { MskminerTraits } from "./profiles.ts"

/** MSKMiner 2.6: `stats` is one flat object with totals and watts per board; the web has a form login and a cookie. */
const SESSIONS = "mskminer.session"
const traits = (miner: SimulatedMiner) => miner.profile as Machine & MskminerTraits

export const mskminerDoors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerMskminer,
    mayJoin: () => false,
    nulTerminated: true,
    isAct: () => false,
  },
  { kind: "web", port: 80, answer: answerWeb, actOf: () => null },
]

function answerMskminer(miner: SimulatedMiner, request: CommandRequest): Answer {
  const profile = traits(miner)
  if (request.command === "version") {
    const VERSION = [
      {
        BMMiner: "4.11.1 rwglr",
        API: "3.1",
        Miner: "0.0.1.3",
        CompileTime: profile.compileTime,
        Type: `${profile.model} v.${miner.firmwareVersion ?? profile.version} `,
      },
    ]
    return { body: { STATUS: head(miner, 22, "CGMiner versions"), VERSION, id: 1 } }
  }
  if (request.command !== "stats") return answerAntminer(miner, request)
  const empty = miner.state() === "reloading" || miner.sleeping
  const STATS = empty ? [] : [statsRow(readMiner(miner), profile)]
  return { body: { STATUS: head(miner, 70, "CGMiner stats"), STATS, id: 1 } }
}

const head = (miner: SimulatedMiner, code: number, message: string) => [
  { STATUS: "S", When: Math.floor(miner.nowS()), Code: code, Msg: message, Description: "bmminer 1.0.0" },
]

function statsRow(r: Reading, profile: Machine & MskminerTraits): Record<string, unknown> {
  const row: Record<string, unknown> = {
    BMMiner: "4.11.1 rwglr",
    Miner: "0.0.1.3",
    CompileTime: profile.compileTime,
    Type: profile.model,
    STATS: 0,
    ID: "BC50",
    Elapsed: r.elapsedS,
    frequency: r.frequencyMhz,
    fan_num: r.fanRpm.length,
    total_rate: round2(r.ths5s * 1e3),
    total_rateideal: round2(r.idealThs * 1e3),
    total_power: r.powerW,
    total_acn: r.boards.length * profile.chipsPerBoard,
  }
  for (const [i, rpm] of r.fanRpm.entries()) row[`fan${i + 1}`] = rpm
  for (const board of r.boards) {
    const n = board.slot + 1
    row[`chain_acn${n}`] = board.chips
    row[`chain_acs${n}`] = (board.alive ? "o" : "x").repeat(board.chips)
    row[`chain_rate${n}`] = (board.ths * 1e3).toFixed(2)
    row[`chain_rateideal${n}`] = round2(board.idealThs * 1e3)
    row[`chain_power${n}`] = board.alive ? Math.round(r.powerW / r.boards.length) : 0
    row[`chain_hw${n}`] = board.hwErrors
    row[`freq_avg${n}`] = board.frequencyMhz
    row[`temp_pcb${n}`] = board.boardC.join("-")
    row[`temp_chip${n}`] = board.chipC.join("-")
  }
  return row
}

function answerWeb(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const path = request.url.split("?")[0]!
  if (path === "/") return { ...html("", 302), headers: { Location: "/admin/login" } }
  if (path === "/admin/login" && request.method === "POST") return logIn(miner, request.body)
  const session = miner.memory.get(SESSIONS)
  const admitted = session !== undefined && (request.headers.cookie ?? "").includes(`session=${session}`)
  if (!admitted) return { ...html("", 302), headers: { Location: "/admin/login" } }
  if (path !== "/api/info_v1" || request.method !== "POST") return html("404", 404)
  miner.countRead("web:info_v1")
  const result = {
    nettype: "DHCP",
    netdevice: "eth0",
    macaddr: macOf(miner),
    hostname: "Antminer",
    ipaddress: miner.address,
  }
  return json({ network_info: { result } })
}

function logIn(miner: SimulatedMiner, body: string): WebAnswer {
  const form = new URLSearchParams(body)
  const right = form.get("username") === "admin" && form.get("password") === miner.passwordOr("root")
  if (!right) return html("wrong", 401)
  const session = hex(miner.seed, 300, 24)
  miner.memory.set(SESSIONS, session)
  return {
    ...html("", 302),
    headers: { Location: "/", "Set-Cookie": `session=${session}; Path=/; HttpOnly` },
  }
}

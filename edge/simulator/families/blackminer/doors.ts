import { digestRefusal } from "../../digest.ts"
import {
  type Door,
  html,
  json,
  type RpcDoor,
  type WebAnswer,
  type WebDoor,
  type WebRequest,
} from "../../door.ts"
import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine, Profile } from "../../profile.ts"
import { actOf, answerAntminerWeb } from "../antminer/web.ts"
import { changePassword, minerConf, minerConfV1, minerStatus, postForm } from "./form.ts"
import type { BlackTraits } from "./profiles.ts"
import { answerBlack, traits } from "./rpc.ts"

const REALM = "blackMiner Configuration"

const rpc: RpcDoor = {
  kind: "rpc",
  port: 8359,
  answer: answerBlack,
  mayJoin: () => false,
  nulTerminated: true,
  isAct: () => false,
}

/** Newer Antminer's pages under their own realm; the rates of its `stats` are MH/s. */
const hammerWeb: WebDoor = {
  kind: "web",
  port: 80,
  admit: (miner, request) => digestRefusal(miner, request, { realm: REALM, user: "root", password: "root" }),
  answer: (miner, request) =>
    pageOf(request) === "get_system_info"
      ? json(systemInfo(miner))
      : inMhs(answerAntminerWeb(miner, request)),
  actOf: (_miner, request) => (pageOf(request) === "upgrade" ? null : actOf(request)),
}

const volcminerWeb: WebDoor = {
  kind: "web",
  port: 80,
  admit: (miner, request) =>
    digestRefusal(miner, request, { realm: REALM, user: "root", password: "ltc@dog" }),
  answer: answerVolcminer,
  actOf: (_miner, request) => {
    const name = pageOf(request)
    const posted = request.method === "POST" && (name === "set_miner_conf" || name === "passwdV1")
    if (posted && name === "passwdV1") return { name, refusal: html('\r\n\r\n{"code":"500"}') }
    if (posted) return { name, refusal: html("error") }
    return name === "reboot" ? { name, refusal: html("", 500) } : null
  },
}

export const blackminerDoors = (profile: Profile): readonly Door[] => [
  rpc,
  (profile as Machine & BlackTraits).maker === "hammer" ? hammerWeb : volcminerWeb,
]

const pageOf = ({ url }: WebRequest) => /^\/cgi-bin\/(\w+)\.cgi$/.exec(url.split("?")[0]!)?.[1] ?? ""

const pages: Record<string, (miner: SimulatedMiner) => WebAnswer> = {
  get_system_info: (miner) => json(systemInfo(miner)),
  get_miner_conf: (miner) => json(minerConf(miner)),
  get_miner_confV1: minerConfV1,
  get_miner_status: minerStatus,
}

function answerVolcminer(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const name = pageOf(request)
  if (request.method === "POST" && name === "set_miner_conf") return postForm(miner, request.body)
  if (request.method === "POST" && name === "passwdV1") return changePassword(miner, request.body)
  if (name === "reboot") {
    miner.act("reboot-hard", { via: "reboot.cgi" })
    return { ...html(""), drop: true, after: () => miner.rebootHard() }
  }
  const page = pages[name]
  if (page === undefined) return html("404 - Not Found", 404)
  miner.countRead(`web:${name}`)
  return page(miner)
}

function systemInfo(miner: SimulatedMiner): Record<string, unknown> {
  const { maker, model, image } = traits(miner)
  return {
    ...(maker === "hammer" ? { minertype: model } : {}),
    macaddr: macOf(miner),
    hostname: model,
    system_filesystem_version: miner.firmwareVersion ?? image,
    system_kernel_version: "Linux 4.4.0-xilinx #1 SMP PREEMPT",
    cgminer_version: "2.3.3",
  }
}

/** GH/s of the Antminer's pages as the Scrypt machine counts them. */
function inMhs(answer: WebAnswer): WebAnswer {
  const body = answer.body as { STATS?: Record<string, unknown>[] } | string
  if (typeof body === "string" || !Array.isArray(body.STATS)) return answer
  const scaled = (value: unknown): unknown => (typeof value === "number" ? Math.round(value * 1e3) : value)
  const STATS = body.STATS.map((row) => ({
    ...Object.fromEntries(
      Object.entries(row).map(([key, value]) => [key, key.startsWith("rate_") ? scaled(value) : value]),
    ),
    rate_unit: "MH/s",
    chain: (row.chain as Record<string, unknown>[]).map((board) => ({
      ...board,
      rate_ideal: scaled(board.rate_ideal),
      rate_real: scaled(board.rate_real),
    })),
  }))
  return { ...answer, body: { ...body, STATS } }
}

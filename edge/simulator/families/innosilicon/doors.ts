import { type Door, html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { hex } from "../../random.ts"
import { readMiner } from "../../reading.ts"
import type { Answer, CommandRequest } from "../../rpc-protocol.ts"
import { answerCgminer } from "../cgminer/rpc.ts"
import type { InnosiliconTraits } from "./profiles.ts"

/** Innosilicon: cgminer on 4028, and `/api/*` by POST behind a token that runs out. */
const TOKEN = "innosilicon.token"
type Token = { value: string; untilS: number }
const traits = (miner: SimulatedMiner) => miner.profile as Machine & InnosiliconTraits
const done = (more: Record<string, unknown> = {}) => json({ success: true, ...more })

export const innosiliconDoors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerInnosilicon,
    mayJoin: (miner) => miner.joins ?? true,
    nulTerminated: true,
    isAct: () => false,
  },
  {
    kind: "web",
    port: 80,
    admit,
    answer: answerWeb,
    actOf: (_miner, request) =>
      request.method === "POST" && commandOf(request) in writes
        ? { name: commandOf(request), refusal: json({ success: false, message: "refused" }) }
        : null,
    server: "lighttpd",
  },
]

const commandOf = ({ url }: WebRequest) => /^\/api\/(\w+)$/.exec(url.split("?")[0]!)?.[1] ?? ""

function answerInnosilicon(miner: SimulatedMiner, request: CommandRequest): Answer {
  const answer = answerCgminer(miner, request)
  const { VERSION, STATS } = answer.body as Record<string, Record<string, unknown>[] | undefined>
  if (VERSION) VERSION[0] = { Miner: "innominer", CGMiner: traits(miner).version, API: "3.7" }
  const r = readMiner(miner)
  for (const row of STATS ?? []) {
    row.ASC = row.STATS
    row["Num active chips"] = r.boards[Number(row.STATS)]!.chipsOk
    for (const key of ["Chips", "Temp", "Frequency", "Fan1", "Fan2"]) delete row[key]
  }
  return answer
}

function admit(miner: SimulatedMiner, request: WebRequest): WebAnswer | null {
  const command = commandOf(request)
  if (command === "" || command === "auth") return null
  const token = miner.memory.get(TOKEN) as Token | undefined
  if (token === undefined || request.headers.authorization !== `Bearer ${token.value}`)
    return json({ success: false }, 401)
  return miner.nowS() > token.untilS ? json({ success: false, token: "expired" }) : null
}

function hashOf(miner: SimulatedMiner, ths: number): Record<string, number> {
  const { rateKey } = traits(miner)
  return { [rateKey]: rateKey === "Hash Rate H" ? Math.round(ths * 1e12) : Math.round(ths * 1e8) / 100 }
}

const reads: Record<string, (miner: SimulatedMiner) => WebAnswer> = {
  type: (miner) => done({ type: traits(miner).model, isTuning: false }),
  overview: (miner) =>
    done({
      type: traits(miner).model,
      version: {
        hwver: "g19",
        ethaddr: macOf(miner),
        build_date: miner.firmwareVersion ?? "5th of May 2021 03:16 AM",
      },
    }),
  getAll: (miner) => {
    const r = readMiner(miner)
    const chain = r.boards.map((board) => ({
      ASC: board.slot,
      "Temp min": Math.min(...board.boardC),
      "Temp max": Math.max(...board.boardC),
      ...hashOf(miner, board.ths),
    }))
    return done({
      all: {
        mac: macOf(miner),
        total_hash: hashOf(miner, r.ths5s),
        chain,
        power: r.powerW,
        fansSpeed: Math.round(r.fanDuty * 100),
        running_mode: { level: 0 },
      },
    })
  },
  pools: ({ settings }) =>
    done({ pools: settings.pools.map(({ url, user, pass }) => ({ url, user, pass })) }),
  getErrorDetail: (miner) => done({ code: miner.deadBoard() === null ? "0" : "33" }),
}

const writes: Record<string, (miner: SimulatedMiner, form: URLSearchParams) => WebAnswer> = {
  reboot: (miner) => {
    miner.act("reboot-hard", { via: "reboot" })
    return { ...done(), after: () => miner.rebootHard() }
  },
  restartCgMiner: (miner) => {
    miner.act("reboot-soft", { via: "restartCgMiner" })
    return { ...done(), after: () => miner.restartMining() }
  },
  updatePools: (miner, form) => {
    const pools = [1, 2, 3].map((n) => ({
      url: form.get(`Pool${n}`) ?? "",
      user: form.get(`UserName${n}`) ?? "",
      pass: form.get(`Password${n}`) ?? "",
    }))
    while (pools.at(-1)?.url === "") pools.pop()
    if (pools.length === 0) {
      miner.act("refused", { command: "updatePools" })
      return json({ success: false, message: "no pool" })
    }
    miner.act("conf", { changed: ["pools"], pools: pools.map(({ url, user }) => ({ url, user })) })
    miner.settings = { ...miner.settings, pools }
    return { ...done(), after: () => miner.restartMining() }
  },
}

function answerWeb(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  const command = commandOf(request)
  if (command === "") return request.url === "/" ? html("<title>DragonMint</title>") : html("404", 404)
  if (request.method !== "POST") return html("404", 404)
  const form = new URLSearchParams(request.body)
  if (command === "auth") return logIn(miner, form)
  const write = writes[command]
  if (write) return write(miner, form)
  const read = reads[command]
  if (!read) return html("404", 404)
  miner.countRead(`web:${command}`)
  return read(miner)
}

function logIn(miner: SimulatedMiner, form: URLSearchParams): WebAnswer {
  if (form.get("username") !== "admin" || form.get("password") !== miner.passwordOr("admin"))
    return json({ success: false, message: "wrong" })
  const count = Number(miner.memory.get("innosilicon.logins") ?? 0) + 1
  miner.memory.set("innosilicon.logins", count)
  const value = hex(miner.seed, 700 + count, 40)
  miner.memory.set(TOKEN, { value, untilS: miner.nowS() + traits(miner).tokenS } satisfies Token)
  return json({ jwt: value })
}

import { type Door, json, type WebAnswer, type WebRequest } from "../../door.ts"
import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { hash32, seedOf } from "../../random.ts"
import { readMiner } from "../../reading.ts"
import type { FuturebitTraits } from "./profiles.ts"

/** Pages on 80 that all lead to `/overview`, and GraphQL on 5000. */
const PASSWORD = "futurebit123"
const traits = (miner: SimulatedMiner) => miner.profile as Machine & FuturebitTraits
const tokenOf = (miner: SimulatedMiner) => `t${hash32(seedOf(miner.passwordOr(PASSWORD)), miner.seed)}`

function queryOf({ body }: WebRequest): string {
  try {
    return String(JSON.parse(body).query)
  } catch {
    return ""
  }
}

const MUTATION = /^\s*mutation\b.*\bMiner\s*\{\s*(restart|start|stop)\b/s

function answer(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  if (request.method !== "POST" || request.url !== "/api/graphql")
    return { status: 404, body: "", html: true }
  const query = queryOf(request)
  const login = /login\s*\(\s*input\s*:\s*\{\s*password\s*:\s*("(?:[^"\\]|\\.)*")/.exec(query)?.[1]
  if (login !== undefined) return logIn(miner, JSON.parse(login))
  if (request.headers.authorization !== `Bearer ${tokenOf(miner)}`)
    return json({ errors: [{ message: "Unauthorized" }], data: null })
  const word = MUTATION.exec(query)?.[1]
  if (word !== undefined) return mutate(miner, word as "restart" | "start" | "stop")
  miner.countRead("graphql")
  const online = { result: { online: { status: !miner.sleeping } } }
  return json({
    data: query.includes("stats") ? { ...whole(miner, online) } : { Miner: { online } },
  })
}

function logIn(miner: SimulatedMiner, password: unknown): WebAnswer {
  const right = password === miner.passwordOr(PASSWORD)
  const login = right
    ? { result: { accessToken: tokenOf(miner) }, error: null }
    : { result: null, error: { message: "Invalid password" } }
  return json({ data: { Auth: { login } } })
}

function mutate(miner: SimulatedMiner, word: "restart" | "start" | "stop"): WebAnswer {
  if (word === "restart") miner.act("reboot-soft", { via: "Miner.restart" })
  else miner.act("conf", { changed: ["online"], mode: word === "stop" ? 1 : 0 })
  const mode = word === "stop" ? 1 : word === "start" ? 0 : miner.settings.mode
  return {
    ...json({ data: { Miner: { [word]: { error: null } } } }),
    after: () => miner.applySettings({ ...miner.settings, mode }),
  }
}

function whole(miner: SimulatedMiner, online: object) {
  const r = readMiner(miner)
  const board = r.boards[0]!
  const pool = r.pools.find((each) => each.active) ?? r.pools[0]
  const parts = /^(?:[a-z0-9+]+:\/\/)?([^:]*):?(\d*)/.exec(pool?.url ?? "")
  const stats = {
    version: traits(miner).version,
    versions: { miner: miner.firmwareVersion ?? traits(miner).version },
    statVersion: "1.2",
    master: {
      hwAddr: macOf(miner),
      upTime: r.elapsedS,
      boardsW: r.powerW,
      intervals: { int_30: { bySol: r.ths5s * 1_000, byDiff: r.ths1m * 1_000 } },
    },
    slots: {
      int_0: {
        chips: board.chips,
        pwrOn: true,
        temperature: board.boardC[0],
        temperature1: Math.round(board.chipMaxC),
        ghs: board.ths * 1_000,
      },
    },
    fans: { int_0: { rpm: r.fanRpm } },
    slaves: [{ uid: board.serial }],
    pool: {
      host: parts?.[1] ?? "",
      port: Number(parts?.[2] || 3333),
      userName: pool?.user ?? "",
      intervals: { int_0: { sharesAccepted: r.accepted, sharesRejected: r.rejected, inService: true } },
    },
  }
  const network = [
    { name: "lo", address: "127.0.0.1", mac: "00:00:00:00:00:00" },
    { name: "eth0", address: miner.address, mac: macOf(miner) },
  ]
  return {
    Miner: { stats: { result: { stats: miner.sleeping ? [] : [stats] } }, online },
    Mcu: { stats: { result: { stats: { hostname: "futurebit", network } } } },
  }
}

export const futurebitDoors: readonly Door[] = [
  {
    kind: "web",
    port: 80,
    answer: () => ({ status: 308, body: "", html: true, headers: { Location: "/overview" } }),
    actOf: () => null,
  },
  {
    kind: "web",
    port: 5000,
    answer,
    actOf: (miner, request) =>
      MUTATION.test(queryOf(request)) && request.headers.authorization === `Bearer ${tokenOf(miner)}`
        ? { name: "mutation", refusal: json({ errors: [{ message: "refused" }], data: null }) }
        : null,
  },
]

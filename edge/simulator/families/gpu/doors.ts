import { type Door, html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Profile } from "../../profile.ts"
import { readMiner } from "../../reading.ts"
import { type Answer, type CommandRequest, status } from "../../rpc-protocol.ts"
import { programAnswer, traits } from "./answers.ts"
import type { GpuTraits } from "./profiles.ts"

/** Each program has one door: HTTP on its own port, TeamRedMiner cgminer's. */
export function gpuDoors(profile: Profile): readonly Door[] {
  const { program, port } = profile as Profile & GpuTraits
  if (program === "teamredminer")
    return [
      {
        kind: "rpc",
        port,
        answer: answerCommand,
        mayJoin: () => true,
        nulTerminated: false,
        isAct: () => false,
      },
    ]
  return [
    {
      kind: "web",
      port,
      server: program,
      answer: answerPage,
      actOf: (miner, request) =>
        isJsonRpc(miner, request)
          ? { name: "json_rpc", refusal: json({ error: { code: -32601, message: "refused" } }, 403) }
          : null,
    },
  ]
}

const isJsonRpc = (miner: SimulatedMiner, { method, url }: WebRequest) =>
  traits(miner).program === "xmrig" && method === "POST" && url === "/json_rpc"

function answerPage(miner: SimulatedMiner, request: WebRequest): WebAnswer {
  if (isJsonRpc(miner, request)) return pause(miner, request)
  const { path, body } = programAnswer(miner)!
  if (request.method !== "GET" || request.url !== path) return html("Not Found", 404)
  miner.countRead(`web:${path}`)
  return json(body)
}

function pause(miner: SimulatedMiner, { body }: WebRequest): WebAnswer {
  let method: unknown
  try {
    method = JSON.parse(body).method
  } catch {
    return json({ error: { code: -32700, message: "not JSON" } }, 400)
  }
  if (method !== "pause" && method !== "resume") {
    miner.act("refused", { command: "json_rpc", reason: "no such method" })
    return json({ error: { code: -32601, message: "Method not found" } })
  }
  miner.act("conf", { changed: ["paused"], mode: method === "pause" ? 1 : 0 })
  return {
    ...json({ id: 1, jsonrpc: "2.0", result: { status: "OK" } }),
    after: () => miner.applySettings({ ...miner.settings, mode: method === "pause" ? 1 : 0 }),
  }
}

function answerCommand(miner: SimulatedMiner, { command }: CommandRequest): Answer {
  const r = readMiner(miner)
  const { version, device } = traits(miner)
  const name = `TeamRedMiner ${version}`
  const reply = (code: number, section: string, list: unknown[]): Answer => ({
    body: { STATUS: status("S", r.atS, code, section, name), [section]: list, id: 1 },
  })
  const mhs = (ths: number) => Math.round(ths * 1e10) / 1e4
  if (command === "version") return reply(22, "VERSION", [{ Miner: name, API: "3.7" }])
  if (command === "summary")
    return reply(11, "SUMMARY", [
      {
        Elapsed: r.elapsedS,
        "MHS av": mhs(r.thsAvg),
        "MHS 30s": mhs(r.ths5s),
        Accepted: r.accepted,
        Rejected: r.rejected,
        Stale: r.stale,
        "Hardware Errors": r.hwErrors,
      },
    ])
  if (command === "devs")
    return reply(
      9,
      "DEVS",
      r.boards.map((board) => ({
        GPU: board.slot,
        Enabled: "Y",
        Status: "Alive",
        Name: device,
        Temperature: Math.round(board.chipMaxC),
        "Fan Percent": Math.round(r.fanDuty * 100),
        "GPU Clock": board.frequencyMhz,
        "MHS av": mhs(board.thsAvg),
        "MHS 30s": mhs(board.ths),
      })),
    )
  if (command === "pools")
    return reply(
      7,
      "POOLS",
      r.pools.map((pool) => ({
        POOL: pool.index,
        URL: pool.url,
        User: pool.user,
        Status: pool.alive ? "Alive" : "Dead",
        "Stratum Active": pool.active,
        Accepted: pool.accepted,
        Rejected: pool.rejected,
      })),
    )
  return { body: { STATUS: status("E", r.atS, 14, "Invalid command", name), id: 1 } }
}

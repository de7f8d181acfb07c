import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { z } from "zod"
import { actFaults } from "./act-faults.ts"
import type { Farm } from "./farm.ts"
import { faultKinds } from "./faults.ts"
import type { SimulatedMiner } from "./miner.ts"

/**
 * The control port, a small JSON API on 127.0.0.1: the farm's state, its log of reads and acts, and faults on
 * demand.
 *
 *   GET  /health                    {"ok":true,"miners":60,"memory":{"rss":…}} in bytes
 *   GET  /miners                    every machine with its state
 *   GET  /miners/ADDRESS            one machine with its reads by command and its last whole summaries
 *   GET  /acts?since=SEQ&address=A  acts of this process, oldest first
 *   POST /miners/ADDRESS/fault      {"kind":"offline"}, or "clear"; of acts also {"kind":"act-lost","times":1}
 *   POST /miners/ADDRESS/release    {} lets the acts go on that "act-hold" holds; answers {"released":1}
 *   POST /miners/ADDRESS/settings   {"privileged":true,"joins":true,"act_delay_ms":5000}
 */
export const DEFAULT_CONTROL_PORT = 4029

const faultSchema = z
  .object({ kind: z.enum([...faultKinds, "clear"]), times: z.number().int().min(1).optional() })
  .refine(({ kind, times }) => times === undefined || (actFaults as string[]).includes(kind))
const settingsSchema = z.object({
  privileged: z.boolean().optional(),
  joins: z.boolean().optional(),
  act_delay_ms: z.number().min(0).optional(),
})
const MAX_BODY_BYTES = 4096

export function startControl(farm: Farm, port: number): Promise<{ port: number; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const [status, answer] = answerControl(farm, request, body)
      send(response, status, answer)
    })
  })
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen({ host: "127.0.0.1", port }, () => {
      const address = server.address()
      const bound = address !== null && typeof address === "object" ? address.port : port
      const close = () =>
        new Promise<void>((done) => {
          server.close(() => done())
          server.closeAllConnections()
        })
      resolve({ port: bound, close })
    })
  })
}

function answerControl(farm: Farm, request: IncomingMessage, body: string): [number, unknown] {
  const url = new URL(request.url ?? "/", "http://127.0.0.1")
  const [, root, address, action] = url.pathname.split("/")
  if (request.method === "GET") {
    if (root === "health")
      return [200, { ok: true, miners: farm.miners.length, memory: process.memoryUsage() }]
    if (root === "read-since") {
      // How many machines served a whole summary after that moment: one small answer for a farm of thousands.
      const ms = Number(url.searchParams.get("ms") ?? 0)
      const summaries = farm.miners.filter((miner) => (miner.summaries?.at(-1)?.atMs ?? 0) > ms).length
      return [200, { summaries }]
    }
    if (root === "acts") {
      const since = Number(url.searchParams.get("since") ?? 0)
      return [200, farm.acts(url.searchParams.get("address") ?? undefined, since)]
    }
    if (root !== "miners") return [404, { error: "no such path" }]
    if (address === undefined) return [200, farm.miners.map(describe)]
  }
  const miner = farm.miners.find((one) => one.address === address)
  if (root !== "miners" || !miner) return [404, { error: `no miner ${address ?? ""}` }]
  if (request.method === "GET") return [200, describeWhole(farm, miner)]
  if (request.method !== "POST") return [405, { error: "GET or POST" }]
  if (!request.headers["content-type"]?.startsWith("application/json")) return [415, { error: "JSON wanted" }]
  const json = parseJson(body)
  if (action === "fault") {
    const asked = faultSchema.safeParse(json)
    if (!asked.success)
      return [400, { error: `kind must be one of ${faultKinds.join(", ")}, clear; times only with act-` }]
    farm.fault(miner.address, asked.data.kind, asked.data.times)
    return [200, describe(miner)]
  }
  if (action === "release") return [200, { released: farm.release(miner.address) }]
  if (action === "settings") {
    const asked = settingsSchema.safeParse(json)
    if (!asked.success) return [400, { error: "privileged and joins are booleans, act_delay_ms a number" }]
    miner.privileged = asked.data.privileged ?? miner.privileged
    miner.joins = asked.data.joins ?? miner.joins
    miner.actDelayMs = asked.data.act_delay_ms ?? miner.actDelayMs
    return [200, describe(miner)]
  }
  return [404, { error: "no such path" }]
}

function describe(miner: SimulatedMiner) {
  return {
    address: miner.address,
    profile: miner.spec.profile,
    model: miner.profile.model,
    family: miner.profile.family,
    state: miner.state(),
    faults: miner.faults,
    rpc_port: miner.rpcPort,
    web_port: miner.webPort,
    privileged: miner.privileged,
    blinking: miner.blinking,
    held: miner.held,
    firmware_version: miner.firmwareVersion,
    reads: miner.reads,
    last_read_at: miner.lastReadAtMs === null ? null : new Date(miner.lastReadAtMs).toISOString(),
  }
}

function describeWhole(farm: Farm, miner: SimulatedMiner) {
  return {
    ...describe(miner),
    reads_by_command: miner.readsByCommand ?? {},
    summaries: miner.summaries ?? [],
    acts: farm.acts(miner.address),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let body = ""
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString("utf8")
      if (body.length > MAX_BODY_BYTES) request.destroy()
    })
    request.on("end", () => resolve(body))
  })
}

function send(response: ServerResponse, status: number, answer: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" })
  response.end(JSON.stringify(answer))
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { actOf, answerAntminerWeb, isUpload, type WebAnswer, type WebRequest } from "./antminer-web.ts"
import { DigestGuard } from "./digest.ts"
import type { SimulatedMiner } from "./miner.ts"
import { garble } from "./rpc-server.ts"
import { receiveUpload, type Upload } from "./upload.ts"

/**
 * One HTTP server for the whole farm: each machine's own listener hands its connections over. Antminers want
 * Digest for everything and take four connections at a time; WhatsMiners only point to https.
 */
const MAX_PARALLEL = 4
const MAX_BODY_BYTES = 65_536
const SLOW_MS = 1_500

export type WebServer = {
  /** Takes a connection to this machine's web port. */
  accept(socket: Socket, miner: SimulatedMiner): void
  close(): void
}

export function createWebServer(): WebServer {
  const machines = new WeakMap<Socket, SimulatedMiner>()
  const parallel = new WeakMap<SimulatedMiner, number>()
  const guards = new WeakMap<SimulatedMiner, DigestGuard>()
  const server: Server = createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
    const miner = machines.get(request.socket)
    if (!miner) return void request.socket.destroy()
    let guard = guards.get(miner)
    if (!guard) {
      guard = new DigestGuard()
      guards.set(miner, guard)
    }
    serve(miner, guard, request, response)
  })
  return {
    accept(socket, miner) {
      const open = (parallel.get(miner) ?? 0) + 1
      if (open > MAX_PARALLEL) return void socket.resetAndDestroy()
      parallel.set(miner, open)
      socket.once("close", () => parallel.set(miner, parallel.get(miner)! - 1))
      socket.on("error", () => socket.destroy())
      machines.set(socket, miner)
      server.emit("connection", socket)
    },
    close: () => void server.close(),
  }
}

function serve(
  miner: SimulatedMiner,
  guard: DigestGuard,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const answer = (body: string, upload: Upload | null) => {
    if (miner.hasFault("silent")) return
    if (miner.hasFault("reset")) return void request.socket.resetAndDestroy()
    const { method = "GET", url = "/" } = request
    const reply = () => answerTo(miner, guard, request, response, { method, url, body, upload })
    if (miner.hasFault("slow")) miner.clock.after(SLOW_MS, reply)
    else reply()
  }
  if (isUpload(request)) {
    // One that breaks off is never answered: nobody is there any more.
    receiveUpload(request).then(
      (upload) => answer("", upload),
      () => request.socket.destroy(),
    )
    return
  }
  let body = ""
  request.on("data", (chunk: Buffer) => {
    body += chunk.toString("utf8")
    if (body.length > MAX_BODY_BYTES) request.socket.destroy()
  })
  request.on("end", () => answer(body, null))
}

function answerTo(
  miner: SimulatedMiner,
  guard: DigestGuard,
  request: IncomingMessage,
  response: ServerResponse,
  asked: WebRequest,
): void {
  const reply = (answer: WebAnswer) => send(miner, response, answer)
  if (miner.profile.family !== "antminer") {
    response.setHeader("Location", `https://${miner.address}/cgi-bin/luci`)
    return void reply({ status: 307, body: "", html: true })
  }
  const nowMs = miner.clock.nowMs()
  const { method, url: uri } = asked
  const password = miner.spec.password ?? "root"
  const verdict = guard.check(request.headers.authorization, { method, uri }, password, nowMs)
  if (verdict === "ok") return void answerAct(miner, asked, reply)
  response.setHeader("WWW-Authenticate", guard.challenge(nowMs, verdict === "stale"))
  reply({ status: 401, body: "<html><body>401 - Unauthorized</body></html>", html: true })
}

/** A read is answered; a write meets the machine's fault of acts. */
function answerAct(miner: SimulatedMiner, asked: WebRequest, reply: (answer: WebAnswer) => void): void {
  const act = actOf(asked)
  const fault = act === null ? null : miner.nextActFault()
  if (act !== null && (fault === "act-silent" || fault === "act-drop-before")) {
    miner.act("ignored", { script: act.script })
    if (fault === "act-drop-before") reply({ status: 200, body: "", drop: true })
    return
  }
  if (act !== null && fault === "act-refuse") {
    miner.act("refused", { script: act.script, reason: "fault" })
    return void reply(act.refusal)
  }
  const answer = answerAntminerWeb(miner, asked)
  if (fault === "act-lost") answer.after?.()
  else if (fault === "act-drop-after") reply({ ...answer, drop: true })
  else if (fault === "act-slow") miner.clock.after(miner.actDelayMs, () => reply(answer))
  else if (fault === "act-hold") miner.hold(() => reply(answer))
  else reply(answer)
}

function send(miner: SimulatedMiner, response: ServerResponse, answer: WebAnswer): void {
  const after = once(answer.after)
  // The caller has gone while the machine was at it: what was asked for happens all the same.
  if (response.destroyed) return void after()
  if (answer.hang) return
  if (answer.drop) {
    response.socket?.destroy()
    after()
    return
  }
  const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body)
  let bytes: Buffer = Buffer.from(text)
  if (miner.hasFault("garbage")) bytes = garble(bytes)
  response.writeHead(answer.status, {
    "Content-Type": answer.html ? "text/html" : "application/json",
    "Content-Length": bytes.length,
    Server: "lighttpd/1.4.32",
  })
  response.once("close", after)
  if (!miner.hasFault("truncated")) return void response.end(bytes, after)
  response.write(bytes.subarray(0, Math.floor(bytes.length * 0.6)), () => response.socket?.destroy())
}

function once(run: (() => void) | undefined): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    run?.()
  }
}

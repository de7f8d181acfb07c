import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { TLSSocket } from "node:tls"
import { throughActFaults } from "./act-faults.ts"
import type { WebAnswer, WebDoor, WebRequest } from "./door.ts"
import type { SimulatedMiner } from "./miner.ts"
import { spoiled } from "./spoil.ts"
import { receiveUpload, type Upload } from "./upload.ts"

/** One HTTP server for the whole farm: each machine's own listener hands its connections over. */
const MAX_PARALLEL = 4
const MAX_BODY_BYTES = 65_536
const SLOW_MS = 1_500
const HUGE_BYTES = 100_000_000
const HUGE_PART = Buffer.alloc(65_536, 0x20)

export type WebServer = {
  /** Takes a connection to this machine's web port. */
  accept(socket: Socket, miner: SimulatedMiner, door: WebDoor): void
  close(): void
}

export function createWebServer(): WebServer {
  const machines = new WeakMap<Socket, { miner: SimulatedMiner; door: WebDoor }>()
  const parallel = new WeakMap<SimulatedMiner, number>()
  const server: Server = createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
    const at = machines.get(request.socket)
    if (!at) return void request.socket.destroy()
    serve(at.miner, at.door, request, response)
  })
  return {
    accept(socket, miner, door) {
      const open = (parallel.get(miner) ?? 0) + 1
      if (open > (door.maxParallel ?? MAX_PARALLEL)) return void cut(socket)
      parallel.set(miner, open)
      socket.once("close", () => parallel.set(miner, parallel.get(miner)! - 1))
      socket.on("error", () => socket.destroy())
      machines.set(socket, { miner, door })
      server.emit("connection", socket)
    },
    close: () => void server.close(),
  }
}

function serve(
  miner: SimulatedMiner,
  door: WebDoor,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { method = "GET", url = "/", headers } = request
  const answer = (body: string, upload: Upload | null) => {
    if (miner.hasFault("silent")) return
    if (miner.hasFault("reset")) return void cut(request.socket)
    const reply = () => answerTo(miner, door, response, { method, url, headers, body, upload })
    if (miner.hasFault("slow")) miner.clock.after(SLOW_MS, reply)
    else reply()
  }
  if (door.isUpload?.({ method, url })) {
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

/** A read is answered; a write meets the machine's fault of acts. */
function answerTo(miner: SimulatedMiner, door: WebDoor, response: ServerResponse, asked: WebRequest): void {
  const reply = (answer: WebAnswer) => send(miner, door, response, answer)
  const refusal = door.admit?.(miner, asked) ?? null
  if (refusal !== null) {
    reply(refusal)
    return
  }
  const act = door.actOf(miner, asked)
  if (act === null) {
    reply(door.answer(miner, asked))
    return
  }
  void throughActFaults(miner, act.name, {
    refuse: () => reply(act.refusal),
    drop: () => void response.socket?.destroy(),
    run: () => {
      const answer = door.answer(miner, asked)
      const after = once(answer.after)
      return { send: () => reply({ ...answer, after }), after }
    },
  })
}

function send(miner: SimulatedMiner, door: WebDoor, response: ServerResponse, answer: WebAnswer): void {
  const after = once(answer.after)
  // The caller has gone while the machine was at it: what was asked for happens all the same.
  if (response.destroyed) after()
  else if (answer.drop) {
    response.socket?.destroy()
    after()
  } else if (!answer.hang) write(miner, door, response, { ...answer, after })
}

function write(miner: SimulatedMiner, door: WebDoor, response: ServerResponse, answer: WebAnswer): void {
  const { body } = answer
  const whole = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === "string" ? body : JSON.stringify(body))
  const bytes = spoiled(miner, whole)
  const huge = miner.hasFault("huge")
  response.writeHead(answer.status, {
    "Content-Type": answer.html ? "text/html" : "application/json",
    ...(huge ? {} : { "Content-Length": bytes.length }),
    Server: door.server ?? "lighttpd/1.4.32",
    ...answer.headers,
  })
  const after = () => answer.after?.()
  response.once("close", after)
  if (huge) flood(response, bytes)
  else if (miner.hasFault("single-bytes") || miner.hasFault("split")) inPieces(miner, response, bytes)
  else if (miner.hasFault("truncated"))
    response.write(bytes.subarray(0, Math.floor(bytes.length * 0.6)), () => response.socket?.destroy())
  else response.end(bytes, after)
}

/** A bracket, and white space for as long as anybody listens. */
function flood(response: ServerResponse, bytes: Buffer): void {
  response.write(bytes.subarray(0, 1))
  let sent = 0
  const more = () => {
    if (response.destroyed) return
    sent += HUGE_PART.length
    if (sent >= HUGE_BYTES) return void response.end(bytes.subarray(1))
    response.write(HUGE_PART, more)
  }
  more()
}

function inPieces(miner: SimulatedMiner, response: ServerResponse, bytes: Buffer): void {
  const size = miner.hasFault("split") ? Math.ceil(bytes.length / 3) : 1
  let at = 0
  const more = () => {
    if (response.destroyed) return
    const piece = bytes.subarray(at, at + size)
    at += size
    if (at >= bytes.length) return void response.end(piece)
    response.write(piece, more)
  }
  more()
}

/** Resets the connection; one behind TLS can only be dropped. */
function cut(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}

function once(run: (() => void) | undefined): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    run?.()
  }
}

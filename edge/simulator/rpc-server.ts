import type { Socket } from "node:net"
import { answerAntminer } from "./antminer-rpc.ts"
import { losingFaults } from "./faults.ts"
import { answerCgminer } from "./generic-cgminer.ts"
import type { SimulatedMiner } from "./miner.ts"
import type { Family } from "./profiles.ts"
import {
  type Answer,
  type CommandRequest,
  parseRequest,
  type RpcRequest,
  renderText,
  status,
} from "./rpc-protocol.ts"
import { answerWhatsminer, JOINABLE } from "./whatsminer.ts"

/**
 * One connection on port 4028: one request, one reply, then the machine closes. Requests of one machine are
 * served one after the other, as its single API thread does. The faults of the transport act here.
 */
const answerers: Record<Family, (miner: SimulatedMiner, request: CommandRequest) => Answer> = {
  antminer: answerAntminer,
  whatsminer: answerWhatsminer,
  cgminer: answerCgminer,
}
const MAX_REQUEST_BYTES = 4096
/** A request in several segments may pause this long. */
const SEGMENT_MS = 250
const IDLE_MS = 10_000
const SLOW_PART_MS = 300
const SPLIT_PART_MS = 20

const busy = new WeakMap<SimulatedMiner, Promise<void>>()

export function serveRpc(socket: Socket, miner: SimulatedMiner): void {
  socket.setNoDelay(true)
  socket.on("error", () => socket.destroy())
  let text = ""
  let served = false
  const serve = (request: RpcRequest) => {
    if (served) return
    served = true
    cancel()
    const turn = (busy.get(miner) ?? Promise.resolve()).then(() => reply(socket, miner, request))
    busy.set(miner, turn)
    void turn.then(() => {
      if (busy.get(miner) === turn) busy.delete(miner)
    })
  }
  let cancel = miner.clock.after(IDLE_MS, () => socket.destroy())
  socket.on("close", () => cancel())
  socket.on("data", (chunk: Buffer) => {
    if (served) return
    text += chunk.toString("utf8")
    const request = parseRequest(text, text.length > MAX_REQUEST_BYTES)
    if (request) return serve(request)
    cancel()
    cancel = miner.clock.after(SEGMENT_MS, () => serve({ form: "broken", reason: "json" }))
  })
  socket.on("end", () => {
    if (served) return
    const request = parseRequest(text, true)
    if (request) serve(request)
    else socket.end()
  })
}

/** Exported for tests of a family's answers without a socket. */
export function answerRpc(miner: SimulatedMiner, request: RpcRequest): Answer {
  if (request.form === "broken") {
    const [code, message] = request.reason === "json" ? [23, "Invalid JSON"] : [24, "Missing JSON 'command'"]
    const body = { STATUS: status("E", miner.nowS(), code as number, message as string, "cgminer"), id: 1 }
    return { body }
  }
  const answer = answerers[miner.profile.family]
  const names = [...new Set(request.command.split("+"))]
  if (names.length === 1 || !mayJoin(miner, names)) {
    if (names.length === 1) miner.countRead(request.command)
    return answer(miner, request)
  }
  const body: Record<string, unknown> = {}
  let summary: Answer["summary"]
  for (const name of names) {
    miner.countRead(name)
    const part = answer(miner, { ...request, command: name, parameter: null })
    body[name] = [part.body]
    summary = part.summary ?? summary
  }
  body.id = 1
  return summary ? { body, summary } : { body }
}

function mayJoin(miner: SimulatedMiner, names: string[]): boolean {
  if (!miner.joins) return false
  return miner.profile.family === "whatsminer" ? names.every((name) => JOINABLE.includes(name)) : true
}

function render(miner: SimulatedMiner, request: RpcRequest, answer: Answer): string {
  if (request.form !== "text") return JSON.stringify(answer.body)
  const parts = Object.entries(answer.body).filter(
    ([, part]) => Array.isArray(part) && "STATUS" in (part[0] ?? {}),
  )
  if (!request.command.includes("+") || !miner.joins) return renderText(answer.body)
  return parts
    .map(([name, part]) => `CMD=${name}|${renderText((part as Record<string, unknown>[])[0]!)}`)
    .join("")
}

/** Commands that change something, where the machine grants them. */
const ACTS = new Set(["restart", "switchpool"])

/** A read is answered; a write meets the machine's fault of acts, and holds nobody up who asks after it. */
async function reply(socket: Socket, miner: SimulatedMiner, request: RpcRequest): Promise<void> {
  if (socket.destroyed || miner.hasFault("silent")) return
  const command = request.form !== "broken" && miner.privileged ? request.command : ""
  const fault = ACTS.has(command) ? miner.nextActFault() : null
  if (fault === "act-silent" || fault === "act-drop-before") {
    miner.act("ignored", { command })
    if (fault === "act-drop-before") socket.destroy()
    return
  }
  if (fault === "act-refuse") {
    miner.act("refused", { command, reason: "fault" })
    const body = { STATUS: status("E", miner.nowS(), 45, `Access denied to '${command}' command`, ""), id: 1 }
    return deliver(socket, miner, request, { body })
  }
  const answer = answerRpc(miner, request)
  const goOn = () => void deliver(socket, miner, request, answer)
  if (fault === "act-lost") answer.after?.()
  else if (fault === "act-drop-after") {
    socket.destroy()
    answer.after?.()
  } else if (fault === "act-slow") miner.clock.after(miner.actDelayMs, goOn)
  else if (fault === "act-hold") miner.hold(goOn)
  else await deliver(socket, miner, request, answer)
}

async function deliver(
  socket: Socket,
  miner: SimulatedMiner,
  request: RpcRequest,
  answer: Answer,
): Promise<void> {
  const nul = miner.profile.family === "whatsminer" || miner.hasFault("nul-missing") ? "" : "\0"
  const bytes = Buffer.from(render(miner, request, answer) + nul)
  try {
    await send(socket, miner, bytes)
  } finally {
    answer.after?.()
  }
  if (answer.summary && !miner.faults.some((kind) => losingFaults.has(kind)))
    miner.countSummary(answer.summary.accepted, answer.summary.elapsed)
}

async function send(socket: Socket, miner: SimulatedMiner, bytes: Buffer): Promise<void> {
  if (miner.hasFault("reset")) return void socket.resetAndDestroy()
  if (miner.hasFault("garbage")) return finish(socket, garble(bytes))
  if (miner.hasFault("truncated")) return finish(socket, bytes.subarray(0, Math.floor(bytes.length * 0.6)))
  const slow = miner.hasFault("slow")
  if (!slow && !miner.hasFault("split")) return finish(socket, bytes)
  const parts = slow ? 5 : 3
  const size = Math.ceil(bytes.length / parts)
  for (let at = 0; at < bytes.length; at += size) {
    await pause(miner, slow ? SLOW_PART_MS : SPLIT_PART_MS)
    if (socket.destroyed) return
    socket.write(bytes.subarray(at, at + size))
  }
  return finish(socket, Buffer.alloc(0))
}

/** Waits until the bytes are with the kernel, or the peer has gone. */
function finish(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((done) => {
    if (socket.destroyed) return done()
    socket.once("close", () => done())
    socket.end(bytes, () => done())
  })
}

function pause(miner: SimulatedMiner, ms: number): Promise<void> {
  return new Promise((done) => miner.clock.after(ms, done))
}

/** Bytes like those of another protocol on the same port: never JSON, never the text form. */
export function garble(bytes: Buffer): Buffer {
  const out = Buffer.alloc(Math.max(64, Math.min(bytes.length, 512)))
  for (let i = 0; i < out.length; i++) out[i] = 0x80 | ((i * 73 + (bytes[i % bytes.length] ?? 0)) & 0x7f)
  out.set([0x16, 0x03, 0x01, 0x02])
  return out
}

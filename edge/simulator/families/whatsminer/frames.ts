import type { Socket } from "node:net"
import { throughActFaults } from "../../act-faults.ts"
import { deliver } from "../../delivery.ts"
import { losingFaults } from "../../faults.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { answerFrameRead } from "./frame-reads.ts"
import { answerFrameWrite, isFrameWrite, refuseFrame } from "./frame-writes.ts"
import { receiveImage } from "./receive-image.ts"
import { traits } from "./rows.ts"

/** What port 4433 says. `image`: a file follows on the same connection. */
export type FrameAnswer = {
  code: number
  msg: unknown
  drop?: boolean
  after?: () => void
  image?: boolean
  summary?: { accepted: number; elapsed: number }
}
export type FrameRequest = { cmd: string; param: unknown; members: Record<string, unknown> }

const LENGTH_BYTES = 4
const REQUEST_MAX_BYTES = 65_536
const IDLE_MS = 300_000

/**
 * API v3: each side's message behind its length (unsigned 32-bit, little-endian); an empty one is a heartbeat. This build
 * closes after each answer, as some do.
 */
export function serveFrames(socket: Socket, miner: SimulatedMiner): void {
  socket.setNoDelay(true)
  socket.on("error", () => socket.destroy())
  const cancel = miner.clock.after(IDLE_MS, () => socket.destroy())
  socket.on("close", () => cancel())
  socket.on("end", () => socket.end())
  let bytes = Buffer.alloc(0)
  const receive = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    while (bytes.length >= LENGTH_BYTES && bytes.readUInt32LE(0) === 0) bytes = bytes.subarray(LENGTH_BYTES)
    if (bytes.length < LENGTH_BYTES) return
    const length = bytes.readUInt32LE(0)
    if (length > REQUEST_MAX_BYTES) return void socket.destroy()
    if (bytes.length < LENGTH_BYTES + length) return
    socket.off("data", receive)
    void answer(socket, miner, bytes.toString("utf8", LENGTH_BYTES, LENGTH_BYTES + length))
  }
  socket.on("data", receive)
}

async function answer(socket: Socket, miner: SimulatedMiner, text: string): Promise<void> {
  if (miner.hasFault("silent")) return
  const request = parsed(text)
  if (request === null) return send(socket, miner, "", { code: -1, msg: "invalid json" })
  const { cmd } = request
  if (!isFrameWrite(cmd)) {
    miner.countRead(cmd)
    return send(socket, miner, cmd, answerFrameRead(miner, request))
  }
  const refused = refuseFrame(miner, request)
  if (refused !== null) return send(socket, miner, cmd, refused)
  return throughActFaults(miner, cmd, {
    refuse: () => send(socket, miner, cmd, { code: -1, msg: "fail" }),
    drop: () => void socket.destroy(),
    run: () => {
      const done = answerFrameWrite(miner, request)
      return { send: () => send(socket, miner, cmd, done), after: () => done.after?.() }
    },
  })
}

function parsed(text: string): FrameRequest | null {
  try {
    const members = JSON.parse(text)
    return typeof members?.cmd === "string"
      ? { cmd: members.cmd, param: members.param ?? null, members }
      : null
  } catch {
    return null
  }
}

function bodyOf(miner: SimulatedMiner, cmd: string, code: number, msg: unknown): Record<string, unknown> {
  return { code, when: Math.floor(miner.nowS()), msg, desc: cmd }
}

/** For tests of what is read without a socket. */
export function answerFrame(
  miner: SimulatedMiner,
  cmd: string,
  param: string | null,
): Record<string, unknown> {
  const { code, msg } = answerFrameRead(miner, { cmd, param, members: {} })
  return bodyOf(miner, cmd, code, msg)
}

function framed(content: Buffer): Buffer {
  const head = Buffer.alloc(LENGTH_BYTES)
  head.writeUInt32LE(content.length)
  return Buffer.concat([head, content])
}

async function send(
  socket: Socket,
  miner: SimulatedMiner,
  cmd: string,
  { code, msg, drop, after, image, summary }: FrameAnswer,
): Promise<void> {
  const content = Buffer.from(JSON.stringify(bodyOf(miner, cmd, code, msg)))
  if (image) return awaitImage(socket, miner, cmd, content)
  try {
    if (drop) socket.destroy()
    else await deliver(socket, miner, content, framed)
  } finally {
    after?.()
  }
  if (summary && !miner.faults.some((kind) => losingFaults.has(kind)))
    miner.countSummary(summary.accepted, summary.elapsed)
}

function awaitImage(socket: Socket, miner: SimulatedMiner, cmd: string, ready: Buffer): void {
  receiveImage(socket, miner, traits(miner).model, (taken, after) => {
    const verdict = taken ? bodyOf(miner, cmd, 0, "ok") : bodyOf(miner, cmd, -1, "fail")
    socket.end(framed(Buffer.from(JSON.stringify(verdict))), after)
  })
  socket.write(framed(ready))
}

import type { Socket } from "node:net"
import type { SimulatedMiner } from "./miner.ts"
import { spoiled } from "./spoil.ts"

/** How the bytes of an answer reach whoever asked, under the faults of the transport. */
const SLOW_PART_MS = 300
const SPLIT_PART_MS = 20
const HUGE_BYTES = 100_000_000
const HUGE_PART = Buffer.alloc(65_536, 0x20)

/**
 * Sends an answer on a bare socket and ends it, as the machine's faults have it: cut, noise, in parts, byte by byte, or
 * 100 MB long. `silent` is the caller's: it never gets here. `frame` wraps what was made of the content.
 */
export async function deliver(
  socket: Socket,
  miner: SimulatedMiner,
  whole: Buffer,
  frame: (content: Buffer) => Buffer = (content) => content,
): Promise<void> {
  if (miner.hasFault("reset")) return void socket.resetAndDestroy()
  const bytes = miner.hasFault("garbage") ? spoiled(miner, whole) : frame(spoiled(miner, whole))
  if (miner.hasFault("truncated")) return finish(socket, bytes.subarray(0, Math.floor(bytes.length * 0.6)))
  if (miner.hasFault("huge")) return flood(socket, bytes)
  if (miner.hasFault("single-bytes")) return byteByByte(socket, bytes)
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

/** An opened bracket and white space without end: nothing that could be called an answer. */
async function flood(socket: Socket, bytes: Buffer): Promise<void> {
  if (!(await write(socket, bytes.subarray(0, 1)))) return
  for (let sent = 0; sent < HUGE_BYTES; sent += HUGE_PART.length)
    if (!(await write(socket, HUGE_PART))) return
  return finish(socket, bytes.subarray(1))
}

async function byteByByte(socket: Socket, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; at += 1) if (!(await write(socket, bytes.subarray(at, at + 1)))) return
  return finish(socket, Buffer.alloc(0))
}

/** False when the peer has gone. */
function write(socket: Socket, bytes: Buffer): Promise<boolean> {
  return new Promise((done) => {
    if (socket.destroyed) return done(false)
    const gone = () => done(false)
    socket.once("close", gone)
    socket.write(bytes, (error) => {
      socket.off("close", gone)
      done(error === null || error === undefined)
    })
  })
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

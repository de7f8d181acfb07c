import { connect } from "node:net"
import { CONNECT_TIMEOUT_MS, MINER_REPLY_MAX_BYTES, READ_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { type Fault, type FaultKind, fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { hostProblem, portProblem, showAddress } from "./address.ts"
import type { RpcTarget } from "./cgminer-client.ts"
import { decodeReply, type Row } from "./reply.ts"
import { socketFault } from "./socket-faults.ts"
import { overWire } from "./wire.ts"

const LENGTH_BYTES = 4
/** The end of the fault's message where another protocol sits on the port. */
export const NO_FRAME = "sent no frame, or one that is too long."

export type FrameFailure = { ok: false; fault: Fault; sent: boolean; dropped: boolean }
export type FrameAnswer = { ok: true; body: Row; latencyMs: number } | FrameFailure
/** The message within the frame, as it came. */
export type FrameText = { ok: true; text: string; latencyMs: number } | FrameFailure
type Deadlines = { connectTimeoutMs?: number; readTimeoutMs?: number }

/**
 * One JSON request on one connection, each side's message behind its length as an unsigned 32-bit little-endian number
 * (WhatsMiner API v3, port 4433). The answer is at most 1 MB. Never throws.
 */
export async function requestFrame(
  target: RpcTarget,
  request: Row,
  options: Deadlines = {},
): Promise<FrameAnswer> {
  const answer = await overWire<"frame">(
    () => ({ kind: "frame", host: target.host, port: target.port, request }),
    () => exchange(target, request, options),
  )
  if (!answer.ok) return answer
  const body = decoded(answer.text)
  return body.ok
    ? { ok: true, body: body.value, latencyMs: answer.latencyMs }
    : { ...body, sent: true, dropped: false }
}

function exchange(target: RpcTarget, request: Row, options: Deadlines): Promise<FrameText> {
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS, readTimeoutMs = READ_TIMEOUT_MS } = options
  const refusal = hostProblem(target.host) ?? portProblem(target.port)
  const failed = (kind: FaultKind, message: string, sent = false, dropped = false): FrameFailure => ({
    ok: false,
    fault: { kind, message },
    sent,
    dropped,
  })
  if (refusal !== null) return Promise.resolve(failed("unsupported", refusal))
  if (target.signal.aborted) return Promise.resolve(failed("timeout", "The time for this miner is used up."))
  const where = showAddress(target.host, target.port)
  const began = performance.now()
  return new Promise((settle) => {
    let sent = false
    let done = false
    let bytes: Buffer = Buffer.alloc(0)
    const socket = connect({ host: target.host, port: target.port, noDelay: true })
    const finish = (answer: FrameText) => {
      if (done) return
      done = true
      clearTimeout(deadline)
      target.signal.removeEventListener("abort", onAbort)
      socket.destroy()
      settle(answer)
    }
    const onAbort = () => finish(failed("timeout", "The time for this miner is used up.", sent))
    target.signal.addEventListener("abort", onAbort, { once: true })
    let deadline = setTimeout(
      () =>
        finish(
          failed("timeout", `${where} did not accept a connection within ${connectTimeoutMs / 1000} s.`),
        ),
      connectTimeoutMs,
    )
    socket.on("connect", () => {
      clearTimeout(deadline)
      deadline = setTimeout(
        () => finish(failed("timeout", `${where} did not answer within ${readTimeoutMs / 1000} s.`, sent)),
        readTimeoutMs,
      )
      const payload = Buffer.from(JSON.stringify(request))
      const head = Buffer.alloc(LENGTH_BYTES)
      head.writeUInt32LE(payload.length)
      sent = true
      socket.write(Buffer.concat([head, payload]))
    })
    socket.on("data", (chunk: Buffer) => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
      // An empty frame is a heartbeat.
      while (bytes.length >= LENGTH_BYTES && bytes.readUInt32LE() === 0) bytes = bytes.subarray(LENGTH_BYTES)
      if (bytes.length < LENGTH_BYTES) return
      const length = bytes.readUInt32LE()
      if (length > MINER_REPLY_MAX_BYTES) return finish(failed("garbled", `${where} ${NO_FRAME}`, true))
      if (bytes.length < LENGTH_BYTES + length) return
      const text = bytes.toString("utf8", LENGTH_BYTES, LENGTH_BYTES + length)
      finish({ ok: true, text, latencyMs: performance.now() - began })
    })
    const ended = (error: NodeJS.ErrnoException | null) => {
      if (bytes.length > 0)
        return finish(failed("garbled", `${where} cut the connection in the middle of its answer.`, true))
      const reset = error === null || error.code === "ECONNRESET" || error.code === "EPIPE"
      if (sent && reset)
        return finish(failed("busy", `${where} closed the connection without an answer.`, true, true))
      const { kind, message } = socketFault(error, where)
      finish(failed(kind, message, sent))
    }
    socket.on("error", ended)
    socket.on("end", () => ended(null))
    socket.on("close", () => ended(null))
  })
}

function decoded(text: string): Outcome<Row> {
  const reply = decodeReply(text)
  if (!reply.ok) return reply
  return reply.value.truncated ? fault("garbled", "The miner's answer was cut off.") : ok(reply.value.body)
}

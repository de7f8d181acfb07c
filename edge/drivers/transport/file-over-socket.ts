import { createReadStream } from "node:fs"
import { connect, type Socket } from "node:net"
import { CONNECT_TIMEOUT_MS, MINER_REPLY_MAX_BYTES } from "#server/contract/budgets.ts"
import type { FaultKind, Outcome } from "#server/contract/driver-faults.ts"
import { hostProblem, portProblem, showAddress } from "./address.ts"
import type { RpcFailure, RpcTarget } from "./cgminer-client.ts"
import { socketFault } from "./socket-faults.ts"

/** A message off the front of what came, and what follows it; null: not whole yet. */
export type TakeMessage = (bytes: Buffer) => { text: string; rest: Buffer } | null

export type FileDialogue = {
  request: Buffer
  take: TakeMessage
  /** Whether the answer to the request lets the file be sent; its fault ends the dialogue with nothing sent. */
  ready: (text: string) => Outcome<true>
  file: { path: string; sizeBytes: number }
  /** For the answer to the request. */
  readyMs: number
  /** How long the upload and what follows may stand still. */
  idleMs: number
}

/** `sent` of a failure: bytes of the file left this machine, so that nobody knows what became of them. */
export type FileAnswer = { ok: true; text: string } | RpcFailure

/**
 * A request, the machine's word that it is ready, then on the same connection the file behind its length (unsigned 32-bit,
 * little-endian) and the machine's verdict. Read from disk as the machine takes it. Never throws.
 */
export function sendFileOverSocket(target: RpcTarget, dialogue: FileDialogue): Promise<FileAnswer> {
  const refusal = hostProblem(target.host) ?? portProblem(target.port)
  const unsent = (kind: FaultKind, message: string): FileAnswer => ({
    ok: false,
    fault: { kind, message },
    sent: false,
    dropped: false,
  })
  if (refusal !== null) return Promise.resolve(unsent("unsupported", refusal))
  if (target.signal.aborted) return Promise.resolve(unsent("timeout", "The time for this miner is used up."))
  return new Promise((settle) => new Dialogue(target, dialogue, settle))
}

class Dialogue {
  readonly #socket: Socket
  readonly #where: string
  readonly #with: FileDialogue
  readonly #signal: AbortSignal
  readonly #settle: (answer: FileAnswer) => void
  readonly #onAbort = () => this.#fail("timeout", "The time for this miner is used up.")
  #bytes: Buffer = Buffer.alloc(0)
  #deadline: NodeJS.Timeout | undefined
  #upload: ReturnType<typeof createReadStream> | null = null
  #sent = false
  #done = false

  constructor(target: RpcTarget, dialogue: FileDialogue, settle: (answer: FileAnswer) => void) {
    this.#with = dialogue
    this.#settle = settle
    this.#signal = target.signal
    this.#where = showAddress(target.host, target.port)
    this.#signal.addEventListener("abort", this.#onAbort, { once: true })
    this.#expect(CONNECT_TIMEOUT_MS, "did not accept a connection")
    this.#socket = connect({ host: target.host, port: target.port, noDelay: true })
    this.#socket
      .on("connect", () => {
        this.#expect(dialogue.readyMs, "did not answer")
        this.#socket.write(dialogue.request)
      })
      .on("data", (chunk: Buffer) => this.#receive(chunk))
      .on("error", (error: NodeJS.ErrnoException) => this.#ended(error))
      .on("end", () => this.#ended(null))
      .on("close", () => this.#ended(null))
  }

  #expect(ms: number, complaint: string): void {
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(
      () => this.#fail("timeout", `${this.#where} ${complaint} within ${ms / 1000} s.`),
      ms,
    )
  }

  #receive(chunk: Buffer): void {
    if (this.#done) return
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    if (this.#bytes.length > MINER_REPLY_MAX_BYTES) {
      this.#fail("garbled", `${this.#where} sent more than ${MINER_REPLY_MAX_BYTES} bytes.`)
      return
    }
    const message = this.#with.take(this.#bytes)
    if (message === null) return
    this.#bytes = message.rest
    if (this.#sent) this.#finish({ ok: true, text: message.text })
    else this.#begin(message.text)
  }

  #begin(text: string): void {
    const ready = this.#with.ready(text)
    if (ready.ok) this.#send()
    else this.#fail(ready.fault.kind, ready.fault.message)
  }

  #send(): void {
    const { path, sizeBytes } = this.#with.file
    const length = Buffer.alloc(4)
    length.writeUInt32LE(sizeBytes)
    this.#sent = true
    this.#socket.write(length)
    const moving = () => this.#expect(this.#with.idleMs, "did not take the upload or answer it")
    moving()
    this.#upload = createReadStream(path, { end: sizeBytes - 1 })
    this.#upload.on("data", moving)
    this.#upload.on("error", (error: NodeJS.ErrnoException) =>
      this.#fail("unsupported", `The file cannot be read (${error.code ?? error.message}).`),
    )
    this.#upload.pipe(this.#socket, { end: false })
  }

  #ended(error: NodeJS.ErrnoException | null): void {
    if (this.#done) return
    if (error === null || error.code === "ECONNRESET" || error.code === "EPIPE") {
      this.#fail("busy", `${this.#where} ended the connection before its answer.`, true)
      return
    }
    const { kind, message } = socketFault(error, this.#where)
    this.#fail(kind, message)
  }

  #fail(kind: FaultKind, message: string, dropped = false): void {
    this.#finish({ ok: false, fault: { kind, message }, sent: this.#sent, dropped })
  }

  #finish(answer: FileAnswer): void {
    if (this.#done) return
    this.#done = true
    clearTimeout(this.#deadline)
    this.#signal.removeEventListener("abort", this.#onAbort)
    this.#upload?.destroy()
    this.#socket.destroy()
    this.#settle(answer)
  }
}

const LENGTH_BYTES = 4

/** Messages behind their lengths; an empty one is a heartbeat and no message. */
export const takeFrame: TakeMessage = (bytes) => {
  let at = 0
  while (bytes.length >= at + LENGTH_BYTES) {
    const length = bytes.readUInt32LE(at)
    const end = at + LENGTH_BYTES + length
    if (length > 0 && bytes.length < end) return null
    if (length > 0) return { text: bytes.toString("utf8", at + LENGTH_BYTES, end), rest: bytes.subarray(end) }
    at = end
  }
  return null
}

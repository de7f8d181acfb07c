import { connect, type Socket } from "node:net"
import { setTimeout as wait } from "node:timers/promises"
import { CONNECT_TIMEOUT_MS, MINER_REPLY_MAX_BYTES, READ_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { Fault, FaultKind } from "#server/contract/driver-faults.ts"
import { hostProblem, portProblem, showAddress } from "./address.ts"
import { endsValueByte, JsonDepth } from "./framing.ts"
import { socketFault } from "./socket-faults.ts"
import { overWire } from "./wire.ts"

/** Commands that only read, of cgminer and of the vendors' own dialects on the same port. */
export const READ_COMMANDS: ReadonlySet<string> = new Set(
  (
    "version config summary pools devs edevs devdetails stats estats notify coin asccount asc lcd usbstats check " +
    "privileged get_version get_psu get_miner_info get_error_code status"
  ).split(" "),
)
export const NO_WRITES: ReadonlySet<string> = new Set()

/** Upstream reads a request once, into half of an 8 KiB buffer. */
const REQUEST_MAX_BYTES = 4_000
/** Without NUL or FIN, balanced brackets and this much silence end a reply. */
const IDLE_MS = 150

export type RpcTarget = { host: string; port: number; signal: AbortSignal }
export type RpcRequest = { command: string; parameter?: string }
export type RpcOptions = {
  /** Commands beyond the common reads that the driver's own table allows. */
  writes?: ReadonlySet<string>
  /** The request in cgminer's text form, `command|parameter`, for machines that take no other. */
  asText?: boolean
  /** A newline ends the request, for servers that read lines (LuxOS, BOSer). */
  newline?: boolean
  /** What goes over the wire in the request's place: `command` sealed into an envelope of the family's own. */
  sealed?: string
  connectTimeoutMs?: number
  readTimeoutMs?: number
  /** Waited before connecting: some control boards want a moment between two requests. */
  pauseMs?: number
}

/** `sent`: the request left this machine. `dropped`: the miner then ended the connection without a byte of answer. */
export type RpcFailure = { ok: false; fault: Fault; sent: boolean; dropped: boolean }
export type RpcAnswer = { ok: true; text: string; latencyMs: number } | RpcFailure

/**
 * One request on one connection, as the protocol wants it. The reply ends with FIN, a NUL byte, or balanced
 * brackets and silence; it is at most 1 MB. Never throws: a bad address, a command outside the white-list, every
 * socket error, a deadline or the signal is a failure with a sentence for a person.
 */
export function requestRpc(
  target: RpcTarget,
  request: RpcRequest,
  options: RpcOptions = {},
): Promise<RpcAnswer> {
  const refusal =
    hostProblem(target.host) ??
    portProblem(target.port) ??
    requestProblem(request, options.writes) ??
    sizeProblem(options.sealed)
  if (refusal !== null) return Promise.resolve(unsent("unsupported", refusal))
  if (target.signal.aborted) return Promise.resolve(unsent("timeout", "The time for this miner is used up."))
  return overWire<"rpc">(
    () => ({ kind: "rpc", host: target.host, port: target.port, request, asText: options.asText === true }),
    () => exchange(target, request, options),
  )
}

async function exchange(target: RpcTarget, request: RpcRequest, options: RpcOptions): Promise<RpcAnswer> {
  // An aborted pause is followed by an exchange that says so.
  if (options.pauseMs)
    await wait(options.pauseMs, undefined, { signal: target.signal }).catch(() => undefined)
  if (target.signal.aborted) return unsent("timeout", "The time for this miner is used up.")
  return new Promise((settle) => new Exchange(target, wire(request, options), options, settle))
}

function wire({ command, parameter }: RpcRequest, { asText, newline, sealed }: RpcOptions): string {
  if (sealed !== undefined) return sealed
  const end = newline === true ? "\n" : ""
  if (asText !== true)
    return JSON.stringify(parameter === undefined ? { command } : { command, parameter }) + end
  return parameter === undefined ? command : `${command}|${parameter}`
}

function unsent(kind: FaultKind, message: string): RpcFailure {
  return { ok: false, fault: { kind, message }, sent: false, dropped: false }
}

function requestProblem({ command, parameter }: RpcRequest, writes = NO_WRITES): string | null {
  for (const name of command.split("+"))
    if (!READ_COMMANDS.has(name) && !writes.has(name))
      return `the command "${name.slice(0, 40)}" is not allowed`
  if (command.includes("+") && parameter !== undefined) return "joined commands take no parameter"
  return sizeProblem(parameter)
}

function sizeProblem(text = ""): string | null {
  const size = Buffer.byteLength(text)
  return size > REQUEST_MAX_BYTES - 100 ? `the parameter is too long (${size} bytes)` : null
}

class Exchange {
  readonly #socket: Socket
  readonly #where: string
  readonly #settle: (answer: RpcAnswer) => void
  readonly #signal: AbortSignal
  readonly #onAbort = () => this.#fail("timeout", "The time for this miner is used up.")
  readonly #started = performance.now()
  #deadline: NodeJS.Timeout
  #idle: NodeJS.Timeout | null = null
  #chunks: Buffer[] = []
  #bytes = 0
  #depth: JsonDepth | null = null
  #scanned = 0
  #sent = false
  #done = false

  constructor(target: RpcTarget, payload: string, options: RpcOptions, settle: (answer: RpcAnswer) => void) {
    const { connectTimeoutMs = CONNECT_TIMEOUT_MS, readTimeoutMs = READ_TIMEOUT_MS } = options
    this.#settle = settle
    this.#signal = target.signal
    this.#where = showAddress(target.host, target.port)
    this.#signal.addEventListener("abort", this.#onAbort, { once: true })
    this.#deadline = setTimeout(
      () =>
        this.#fail(
          "timeout",
          `${this.#where} did not accept a connection within ${connectTimeoutMs / 1000} s: switched off, unplugged, or behind a firewall.`,
        ),
      connectTimeoutMs,
    )
    this.#socket = connect({ host: target.host, port: target.port, noDelay: true })
    this.#socket
      .on("connect", () => {
        clearTimeout(this.#deadline)
        this.#deadline = setTimeout(
          () =>
            this.#fail(
              "timeout",
              `${this.#where} accepted the connection but did not answer within ${readTimeoutMs / 1000} s.`,
            ),
          readTimeoutMs,
        )
        this.#sent = true
        this.#socket.write(payload)
      })
      .on("data", (chunk: Buffer) => this.#receive(chunk))
      .on("end", () => this.#ended(null))
      .on("error", (error: NodeJS.ErrnoException) => this.#ended(error))
      .on("close", () => this.#ended(null))
  }

  #receive(chunk: Buffer): void {
    if (this.#done) return
    if (this.#idle !== null) {
      clearTimeout(this.#idle)
      this.#idle = null
    }
    const nul = chunk.indexOf(0)
    // A NUL before any content is padding of the reply before it, not its end.
    const ended = nul >= 0 && (nul > 0 || this.#bytes > 0)
    const piece = ended ? chunk.subarray(0, nul) : chunk
    this.#bytes += piece.length
    if (this.#bytes > MINER_REPLY_MAX_BYTES) {
      this.#fail("garbled", `${this.#where} sent more than ${MINER_REPLY_MAX_BYTES} bytes.`)
      return
    }
    this.#chunks.push(piece)
    if (ended) this.#succeed()
    else if (this.#balanced()) this.#idle = setTimeout(() => this.#succeed(), IDLE_MS)
  }

  /** Looks at each byte once, and at none while the last one cannot end a value. */
  #balanced(): boolean {
    const last = this.#chunks.at(-1)
    if (last === undefined || !endsValueByte(last)) return false
    this.#depth ??= new JsonDepth()
    for (; this.#scanned < this.#chunks.length; this.#scanned += 1)
      this.#depth.push(this.#chunks[this.#scanned]!)
    return this.#depth.complete
  }

  #ended(error: NodeJS.ErrnoException | null): void {
    if (this.#done) return
    if (this.#bytes > 0 && (error === null || this.#balanced())) this.#succeed()
    else if (this.#bytes > 0)
      this.#fail("garbled", `${this.#where} cut the connection in the middle of its answer.`)
    else if (this.#sent && (error === null || error.code === "ECONNRESET" || error.code === "EPIPE")) {
      const message = error
        ? `${this.#where} reset the connection without an answer: too many callers, or starting.`
        : `${this.#where} closed the connection without an answer: it does not admit this address, or is starting.`
      this.#fail(error ? "busy" : "refused", message, true)
    } else {
      const { kind, message } = socketFault(error, this.#where)
      this.#fail(kind, message)
    }
  }

  #succeed(): void {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    this.#finish({ ok: true, text: bytes.toString("utf8"), latencyMs: performance.now() - this.#started })
  }

  #fail(kind: FaultKind, message: string, dropped = false): void {
    this.#finish({ ok: false, fault: { kind, message }, sent: this.#sent, dropped })
  }

  #finish(answer: RpcAnswer): void {
    if (this.#done) return
    this.#done = true
    clearTimeout(this.#deadline)
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#signal.removeEventListener("abort", this.#onAbort)
    this.#socket.destroy()
    this.#settle(answer)
  }
}

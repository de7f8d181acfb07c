import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http"
import { request as httpsRequest, Agent as TlsAgent } from "node:https"
import type { Readable } from "node:stream"
import { gunzipSync } from "node:zlib"
import { CONNECT_TIMEOUT_MS, MINER_REPLY_MAX_BYTES, READ_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { Fault, FaultKind } from "#server/contract/driver-faults.ts"
import { hostProblem, portProblem, showAddress } from "./address.ts"
import { socketFault } from "./socket-faults.ts"
import { overWire } from "./wire.ts"

/** A body too large for memory: `open` is called for each time that it is sent. */
export type StreamedBody = { sizeBytes: number; open: () => Readable }
/** `secure`: TLS whose certificate is not checked, since miners sign their own, also in the old versions they speak. */
export type HttpTarget = { host: string; port: number; signal: AbortSignal; secure?: boolean }
export type HttpRequest = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  path: string
  headers?: Record<string, string>
  body?: string | StreamedBody
  /** For the answer; of a streamed body, also the longest that it may stand still. */
  timeoutMs?: number
  /** A write opens a socket of its own: a kept one may die under it, and then nobody knows whether it was read. */
  fresh?: boolean
}
export type HttpAnswer =
  | { ok: true; status: number; headers: IncomingHttpHeaders; text: string }
  | { ok: false; fault: Fault; sent: boolean; dropped: boolean }

/** Antminer web servers degrade above three parallel requests. Idle sockets are closed after ten seconds. */
const PARALLEL_PER_HOST = 3
const agent = new Agent({
  keepAlive: true,
  maxSockets: PARALLEL_PER_HOST,
  maxFreeSockets: 1,
  timeout: 10_000,
  scheduling: "lifo",
})
const OLD_TLS = { rejectUnauthorized: false, minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" } as const
const tlsAgent = new TlsAgent({
  keepAlive: true,
  maxSockets: PARALLEL_PER_HOST,
  maxFreeSockets: 1,
  timeout: 10_000,
  ...OLD_TLS,
})

/** Closes kept sockets; for a graceful stop and for tests. */
export function closeHttpSockets(): void {
  agent.destroy()
  tlsAgent.destroy()
}

/**
 * One HTTP request, not following redirects, its body capped at 1 MB and its deadlines those of the budgets.
 * Never throws; `dropped` says that the connection ended without a response after the request had left.
 */
export function requestHttp(target: HttpTarget, request: HttpRequest): Promise<HttpAnswer> {
  const { host, port, signal } = target
  const where = showAddress(host, port)
  const refusal =
    hostProblem(host) ?? portProblem(port) ?? (/^\/[\x21-\x7e]*$/.test(request.path) ? null : "bad path")
  if (refusal !== null) return Promise.resolve(failed("unsupported", refusal, false))
  if (signal.aborted) return Promise.resolve(failed("timeout", "The time for this miner is used up.", false))
  return overWire<"http">(
    () => ({ kind: "http", host, port, request }),
    () => exchange(target, request, where),
  )
}

function exchange(target: HttpTarget, request: HttpRequest, where: string): Promise<HttpAnswer> {
  const { host, port, signal } = target
  return new Promise((settle) => {
    let sent = false
    let done = false
    let deadline: NodeJS.Timeout
    let upload: Readable | null = null
    const finish = (answer: HttpAnswer) => {
      if (done) return
      done = true
      clearTimeout(deadline)
      signal.removeEventListener("abort", onAbort)
      upload?.destroy()
      settle(answer)
      if (!answer.ok || !outgoing.writableFinished) outgoing.destroy()
    }
    const onAbort = () => finish(failed("timeout", "The time for this miner is used up.", sent))
    const expect = (ms: number, complaint: string) => {
      clearTimeout(deadline)
      deadline = setTimeout(
        () => finish(failed("timeout", `${where} ${complaint} within ${ms / 1000} s.`, sent)),
        ms,
      )
    }
    const secure = target.secure === true
    const send = secure ? httpsRequest : httpRequest
    const outgoing = send({
      ...(secure ? OLD_TLS : {}),
      host,
      port,
      method: request.method,
      path: request.path,
      agent: request.fresh === true ? false : secure ? tlsAgent : agent,
      headers: {
        "Accept-Encoding": "identity",
        ...request.headers,
        ...(request.body === undefined ? {} : { "Content-Length": sizeOf(request.body) }),
      },
    })
    signal.addEventListener("abort", onAbort, { once: true })
    const readTimeoutMs = request.timeoutMs ?? READ_TIMEOUT_MS
    // A request that queues behind three others of its host has the time of a read to get its turn.
    deadline = setTimeout(
      () => finish(failed("busy", `${where} is busy with other requests.`, false)),
      readTimeoutMs,
    )
    outgoing.on("socket", (socket) => {
      const started = () => {
        sent = true
        expect(readTimeoutMs, "did not answer")
      }
      if (!socket.connecting) return started()
      expect(CONNECT_TIMEOUT_MS, "did not accept a connection")
      socket.once("connect", started)
    })
    outgoing.on("response", (response) => collect(response, where, finish))
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      const dropped = sent && ["ECONNRESET", "EPIPE"].includes(error.code ?? "")
      // A kept socket may have died after its last answer: a read is asked once more, on a socket of its own. An answer to
      // a digest challenge counts its uses, so that its own client has to sign it anew.
      const signed = /^digest /i.test(request.headers?.Authorization ?? "")
      if (dropped && outgoing.reusedSocket && request.method === "GET" && !signed && !done) {
        done = true
        clearTimeout(deadline)
        signal.removeEventListener("abort", onAbort)
        return settle(exchange(target, { ...request, fresh: true }, where))
      }
      finish({ ok: false, fault: httpFault(error, where), sent, dropped })
    })
    if (typeof request.body !== "object") return void outgoing.end(request.body)
    upload = request.body.open()
    upload.on("data", () => sent && expect(readTimeoutMs, "did not take the upload"))
    upload.on("error", (error: NodeJS.ErrnoException) =>
      finish(failed("unsupported", `The file cannot be read (${error.code ?? error.message}).`, sent)),
    )
    upload.pipe(outgoing)
  })
}

export function sizeOf(body: string | StreamedBody): number {
  return typeof body === "string" ? Buffer.byteLength(body) : body.sizeBytes
}

function failed(kind: FaultKind, message: string, sent: boolean): HttpAnswer {
  return { ok: false, fault: { kind, message }, sent, dropped: false }
}

function httpFault(error: NodeJS.ErrnoException, where: string): Fault {
  return error.code?.startsWith("HPE_")
    ? { kind: "garbled", message: `${where} does not speak HTTP.` }
    : socketFault(error, where)
}

function collect(response: IncomingMessage, where: string, finish: (answer: HttpAnswer) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= MINER_REPLY_MAX_BYTES) chunks.push(chunk)
    else finish(failed("garbled", `${where} sent more than ${MINER_REPLY_MAX_BYTES} bytes.`, true))
  })
  response.on("end", () => {
    const body = decoded(Buffer.concat(chunks), response.headers["content-encoding"])
    if (body === null) finish(failed("garbled", `${where} sent a body that cannot be unpacked.`, true))
    else finish({ ok: true, status: response.statusCode ?? 0, headers: response.headers, text: body })
  })
  const cut = () =>
    finish(failed("garbled", `${where} cut the connection in the middle of its answer.`, true))
  response.on("aborted", cut).on("error", cut)
}

/** Some boards send gzip whatever was asked for. Null: damaged, or a bomb. */
function decoded(body: Buffer, encoding: string | undefined): string | null {
  if (encoding !== "gzip") return body.toString("utf8")
  try {
    return gunzipSync(body, { maxOutputLength: MINER_REPLY_MAX_BYTES }).toString("utf8")
  } catch {
    return null // damaged or larger than the cap; the caller words the fault
  }
}

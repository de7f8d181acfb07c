import { createTRPCClient, httpLink, TRPCClientError } from "@trpc/client"
import type { Gateway } from "#edge/gateway/router.ts"
import { LONG_POLL_MAX_MS } from "#server/contract/budgets.ts"
import { ERROR_TABLE, type ErrorCode } from "#server/contract/errors.ts"
import type { EnrollCall, GatewayApi } from "../ports.ts"
import { compressingFetch } from "./compressing-fetch.ts"
import { GatewayError } from "./gateway-error.ts"

const REQUEST_TIMEOUT_MS = 15_000
const UPLOAD_TIMEOUT_MS = 60_000
const ARTIFACT_TIMEOUT_MS = 60_000
const LONG_POLL_TIMEOUT_MS = LONG_POLL_MAX_MS + 15_000

type ClientOptions = { serverUrl: URL; key: string | null; instanceId: string }

function createClient(options: ClientOptions) {
  return createTRPCClient<Gateway>({
    links: [
      httpLink({
        url: new URL("/trpc", options.serverUrl).href,
        headers: options.key === null ? {} : { "X-Collector-Key": options.key },
        // tRPC's own fetch type and Node's differ in the body's type only.
        fetch: compressingFetch as never,
      }),
    ],
  })
}

/** The gateway over tRPC, one request a procedure. Rejects with `GatewayError` only. */
export function createGatewayClient(options: ClientOptions & { key: string }): GatewayApi {
  const client = createClient(options)
  const instance_id = options.instanceId
  const call = <T>(timeoutMs: number, signal: AbortSignal | undefined, run: Run<T>) =>
    withDeadline(timeoutMs, signal, run)
  return {
    heartbeat: (input, signal) =>
      call(REQUEST_TIMEOUT_MS, signal, (o) => client.edge.heartbeat.mutate(input, o)),
    config: (have_version, signal) =>
      call(REQUEST_TIMEOUT_MS, signal, (o) => client.edge.config.query({ have_version }, o)),
    event: (input, signal) =>
      call(REQUEST_TIMEOUT_MS, signal, async (o) => {
        await client.edge.event.mutate(input, o)
      }),
    upload: (batch, signal) =>
      call(UPLOAD_TIMEOUT_MS, signal, (o) => client.telemetry.upload.mutate(batch, o)),
    pollCommands: (input, signal) =>
      call(LONG_POLL_TIMEOUT_MS, signal, (o) => client.commands.poll.mutate(input, o)),
    ack: (results, signal) =>
      call(REQUEST_TIMEOUT_MS, signal, (o) => client.commands.ack.mutate({ instance_id, results }, o)),
    renew: (leases, signal) =>
      call(REQUEST_TIMEOUT_MS, signal, (o) => client.commands.renew.mutate({ instance_id, leases }, o)),
    capabilities: (profiles, signal) =>
      call(REQUEST_TIMEOUT_MS, signal, async (o) => {
        await client.edge.capabilities.mutate({ instance_id, profiles }, o)
      }),
    thermal: (told, signal) =>
      call(REQUEST_TIMEOUT_MS, signal, (o) => client.edge.thermal.mutate({ instance_id, ...told }, o)),
    logins: (told, signal) =>
      call(REQUEST_TIMEOUT_MS, signal, (o) => client.edge.logins.mutate({ instance_id, ...told }, o)),
    discovery: (told, signal) =>
      call(REQUEST_TIMEOUT_MS, signal, (o) => client.edge.discovery.mutate({ instance_id, ...told }, o)),
    artifact: (artifact_id, offset, signal) =>
      call(ARTIFACT_TIMEOUT_MS, signal, (o) =>
        client.edge.artifact.query({ instance_id, artifact_id, offset }, o),
      ),
  }
}

/** The only call without a key. */
export function createEnrollCall(serverUrl: URL): EnrollCall {
  const client = createClient({ serverUrl, key: null, instanceId: "" })
  return (input) => withDeadline(REQUEST_TIMEOUT_MS, undefined, (o) => client.edge.enroll.mutate(input, o))
}

type Run<T> = (options: { signal: AbortSignal }) => Promise<T>

async function withDeadline<T>(timeoutMs: number, outer: AbortSignal | undefined, run: Run<T>): Promise<T> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), timeoutMs)
  const follow = () => abort.abort()
  outer?.addEventListener("abort", follow, { once: true })
  if (outer?.aborted) abort.abort()
  try {
    return await run({ signal: abort.signal })
  } catch (error) {
    if (outer?.aborted) throw new GatewayError("ABORTED", "stopped")
    if (abort.signal.aborted) throw new GatewayError("UNREACHABLE", `no answer within ${timeoutMs / 1000} s`)
    throw translate(error)
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener("abort", follow)
  }
}

/** tRPC's code name (`UNAUTHORIZED`) or the product's (`appCode`) to the product's code. */
function translate(error: unknown): GatewayError {
  if (!(error instanceof TRPCClientError)) return new GatewayError("UNREACHABLE", String(error))
  const shape = error.data as { appCode?: unknown; code?: unknown } | undefined
  const response = (error.meta as { response?: Response } | undefined)?.response
  const cause = (error.cause as { cause?: { code?: string } } | undefined)?.cause?.code
  if (shape === undefined || shape === null) {
    const status = response === undefined ? (cause ?? error.message) : `HTTP ${response.status}`
    return fromStatus(response, `the server gave no answer of the gateway (${status})`)
  }
  return new GatewayError(codeOf(shape.appCode, shape.code), error.message, retryAfterMs(response))
}

function codeOf(appCode: unknown, trpcCode: unknown): ErrorCode {
  if (typeof appCode === "string" && appCode in ERROR_TABLE) return appCode as ErrorCode
  if (trpcCode === "BAD_REQUEST" || trpcCode === "PARSE_ERROR") return "INVALID"
  const known = Object.entries(ERROR_TABLE).find(([, row]) => row.trpc === trpcCode)
  return known === undefined ? "INTERNAL" : (known[0] as ErrorCode)
}

/** An answer that is not tRPC's: a reverse proxy's page, or a limit that cut in before the router. */
function fromStatus(response: Response | undefined, message: string): GatewayError {
  if (response?.status === 413) return new GatewayError("PAYLOAD_TOO_LARGE", message)
  if (response?.status === 429) return new GatewayError("RATE_LIMITED", message, retryAfterMs(response))
  return new GatewayError("UNREACHABLE", message, retryAfterMs(response))
}

function retryAfterMs(response: Response | undefined): number | null {
  const value = response?.headers.get("retry-after")
  if (value === null || value === undefined) return null
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now())
}

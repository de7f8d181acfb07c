import { TRPCError } from "@trpc/server"
import { fetchRequestHandler } from "@trpc/server/adapters/fetch"
import { createTokenBuckets, type TokenBuckets } from "#server/access/token-buckets.ts"
import { authenticateCollector } from "#server/collectors/authenticate-collector.ts"
import type { Config } from "#server/config.ts"
import { type Context, createContext, type Services } from "#server/context.ts"
import {
  BATCH_MAX_INFLATED_BYTES,
  BATCH_MAX_WIRE_BYTES,
  KEY_REQUESTS_PER_MINUTE,
} from "#server/contract/budgets.ts"
import { DomainError, ERROR_TABLE } from "#server/contract/errors.ts"
import type { LiveHub } from "#server/live/hub.ts"
import type { Log } from "#server/log.ts"
import { gatewayRefusedTotal } from "#server/metrics.ts"
import { toDomainError } from "./errors.ts"
import { type BodyLimits, readBody } from "./read-body.ts"
import { gateway } from "./router.ts"
import type { GatewayCall } from "./trpc.ts"

const ENDPOINT = "/trpc"
const ENROLL = "edge.enroll"
const ENROLLMENTS_PER_MINUTE = 10
/** Many collectors may share an address behind one router. */
const ADDRESS_FACTOR = 10

const BODY_LIMITS: Record<string, BodyLimits> = {
  "telemetry.upload": { wireBytes: BATCH_MAX_WIRE_BYTES, inflatedBytes: BATCH_MAX_INFLATED_BYTES },
  // 500 results with what the miner said before and after.
  "commands.ack": { wireBytes: 1_048_576, inflatedBytes: 4_194_304 },
  // 500 events, and the holds of a farm in heat.
  "edge.thermal": { wireBytes: 1_048_576, inflatedBytes: 6_291_456 },
  // 200 machines and 200 other devices with what was seen of them.
  "edge.discovery": { wireBytes: 1_048_576, inflatedBytes: 4_194_304 },
  "commands.renew": { wireBytes: 131_072, inflatedBytes: 131_072 },
}
const SMALL_BODY: BodyLimits = { wireBytes: 16_384, inflatedBytes: 65_536 }

export type GatewayParts = {
  config: Pick<Config, "LAMPROOM_ADDRESS_REQUESTS_PER_MINUTE">
  services: Services
  hub: LiveHub
  shutdown: AbortSignal
}
/** What the HTTP layer knows of a request. `note` adds to its log event. */
export type GatewayRequest = {
  address: string | null
  requestId: string
  log: Log
  note: (facts: Record<string, unknown>) => void
}

/**
 * The edge gateway over HTTP. In this order: limit per address, key, limit per key, size, shape, verb. Whatever is
 * refused is counted and logged and has stored nothing; bodies of strangers are not read.
 */
export function createGatewayHandler(
  parts: GatewayParts,
): (request: Request, call: GatewayRequest) => Promise<Response> {
  const perAddress = parts.config.LAMPROOM_ADDRESS_REQUESTS_PER_MINUTE * ADDRESS_FACTOR
  const buckets: Buckets = {
    address: perAddress === 0 ? null : createTokenBuckets({ perMinute: perAddress }),
    enroll: createTokenBuckets({ perMinute: ENROLLMENTS_PER_MINUTE }),
    key: createTokenBuckets({ perMinute: KEY_REQUESTS_PER_MINUTE }),
  }
  return async (request, call) => {
    const name = new URL(request.url).pathname.slice(ENDPOINT.length + 1)
    const startedMs = performance.now()
    let wireBytes: number | null = null
    const signal = AbortSignal.any([request.signal, parts.shutdown])
    const asked = {
      url: request.url,
      method: request.method,
      headers: request.headers,
      signal,
      body: null,
      text: async () => {
        const body = await readBody(request, BODY_LIMITS[name] ?? SMALL_BODY)
        wireBytes = body.wireBytes
        return body.text
      },
    } as unknown as Request
    const facts: Record<string, unknown> = { procedure: name in gateway._def.procedures ? name : "unknown" }
    const response = await fetchRequestHandler({
      endpoint: ENDPOINT,
      router: gateway,
      req: asked,
      allowBatching: false,
      createContext: async (): Promise<GatewayCall> => {
        const admitted = await admit(parts, buckets, name, request, call)
        if (admitted.ctx.actor.kind === "device")
          Object.assign(facts, { device_id: admitted.ctx.actor.deviceId, site_id: admitted.ctx.actor.siteId })
        return { ...admitted, hub: parts.hub, wireBytes: () => wireBytes, startedMs }
      },
      onError: ({ error }) => {
        const refused = toDomainError(error)
        gatewayRefusedTotal.inc({ code: refused.code })
        Object.assign(facts, { error: refused.code, reason: refused.message })
        if (refused.code === "INTERNAL")
          call.log.error({ err: refused.cause, procedure: name }, "gateway failed")
      },
      responseMeta: ({ errors }) => {
        const error = errors[0]
        if (!error) return {}
        const { code, retryAfterS } = toDomainError(error)
        const headers = new Headers()
        if (retryAfterS !== null) headers.set("retry-after", String(retryAfterS))
        return { status: ERROR_TABLE[code].http, headers }
      },
    })
    call.note({ ...facts, wire_bytes: wireBytes })
    // What was not read makes the connection useless for another request.
    if (!response.ok && wireBytes === null && request.body) response.headers.set("connection", "close")
    return response
  }
}

type Buckets = { address: TokenBuckets | null; enroll: TokenBuckets; key: TokenBuckets }

async function admit(
  parts: GatewayParts,
  buckets: Buckets,
  name: string,
  request: Request,
  call: GatewayRequest,
): Promise<{ ctx: Context; recheckKey: () => Promise<void> }> {
  try {
    if (buckets.address) take(buckets.address, call.address ?? "")
    const make = (actor: Context["actor"]) =>
      createContext(parts.services, { actor, ...call, source: "edge" })
    if (name === ENROLL) {
      take(buckets.enroll, call.address ?? "")
      return { ctx: make({ kind: "anonymous" }), recheckKey: async () => {} }
    }
    const given = {
      key: keyOf(request.headers),
      siteIdHeader: request.headers.get("x-site-id"),
    }
    const device = await authenticateCollector(parts.services, given)
    take(buckets.key, String(device.keyId))
    return {
      ctx: make(device),
      recheckKey: async () => void (await authenticateCollector(parts.services, given)),
    }
  } catch (error) {
    // Only what a verb refused is the caller's fault; a batch must never look wrong because the database is away.
    const code = error instanceof DomainError ? "BAD_REQUEST" : "INTERNAL_SERVER_ERROR"
    throw new TRPCError({ code, cause: error })
  }
}

function take(buckets: TokenBuckets, key: string): void {
  const wait = buckets.take(key)
  if (wait !== null)
    throw new DomainError("RATE_LIMITED", `Too many requests. Try again in ${wait} s.`, { retryAfterS: wait })
}

function keyOf(headers: Headers): string | null {
  return (
    headers.get("x-collector-key") ??
    /^Bearer\s+(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1] ??
    null
  )
}

import { randomBytes, randomUUID } from "node:crypto"
import { serveStatic } from "@hono/node-server/serve-static"
import { type Context, Hono } from "hono"
import { createGatewayHandler } from "#edge/gateway/handler.ts"
import { createTokenBuckets } from "../access/token-buckets.ts"
import { createContext } from "../context.ts"
import { DomainError, databaseAway, ERROR_TABLE, type ErrorCode, isDatabaseAway } from "../contract/errors.ts"
import { serveEndpoint } from "./api/endpoint.ts"
import { ENDPOINTS } from "./api/endpoints.ts"
import { bodyLimits } from "./body-limits.ts"
import { clientAddressReader } from "./client-address.ts"
import { compress } from "./compress.ts"
import type { HttpEnv, HttpParts } from "./environment.ts"
import { serveEvents } from "./events.ts"
import { serveMetrics, serveReadiness } from "./operations.ts"
import { requestLog } from "./request-log.ts"
import { isSameOrigin } from "./same-origin.ts"
import { securityHeaders } from "./security-headers.ts"
import { session } from "./session.ts"

const FOREVER = "public, max-age=31536000, immutable"

/** The whole HTTP surface of the web process, in the order in which a request meets it. */
export function createApp(parts: HttpParts): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  const addressOf = clientAddressReader(parts.config.LAMPROOM_TRUSTED_PROXIES)
  const https = parts.baseUrl.protocol === "https:"

  app.use(async (c, next) => {
    const requestId = randomUUID()
    c.set("requestId", requestId)
    c.set("nonce", randomBytes(16).toString("base64"))
    c.set("log", parts.services.log.child({ request_id: requestId }))
    c.set(
      "address",
      addressOf(c.env.incoming?.socket?.remoteAddress, c.req.header("x-forwarded-for") ?? null),
    )
    await next()
    c.res.headers.set("x-request-id", requestId)
  })
  app.use(requestLog())
  app.use(async (c, next) => {
    await next()
    const headers = securityHeaders({ nonce: c.get("nonce"), https, devSocket: parts.devSocket })
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value)
  })
  app.onError((error, c) => answerError(c as Context<HttpEnv>, error))

  app.get("/healthz", (c) => c.json({ ok: true }))
  app.get("/readyz", (c) => serveReadiness(c, parts))
  app.get("/metrics", (c) => serveMetrics(c, parts))

  const gateway = createGatewayHandler(parts)
  app.all("/trpc/*", (c) =>
    gateway(c.req.raw, {
      address: c.get("address"),
      requestId: c.get("requestId"),
      log: c.get("log"),
      note: (facts) => c.set("noted", facts),
    }),
  )

  app.use(compress())
  app.use(
    "/build/*",
    serveStatic({ root: parts.publicDir, onFound: (_path, c) => c.header("cache-control", FOREVER) }),
  )
  app.all("/build/*", (c) => c.text("Not found", 404))
  app.get(
    "/favicon.ico",
    serveStatic({
      root: parts.publicDir,
      onFound: (_path, c) => c.header("cache-control", "public, max-age=86400"),
    }),
    (c) => c.body(null, 404),
  )

  app.use(limitByAddress(parts.config.LAMPROOM_ADDRESS_REQUESTS_PER_MINUTE))
  app.use(async (c, next) => {
    if (!["GET", "HEAD", "OPTIONS"].includes(c.req.method) && !isSameOrigin(c.req.raw.headers, parts.baseUrl))
      throw new DomainError("FORBIDDEN", "This request did not come from Lamproom's own pages.")
    await next()
  })
  app.use(bodyLimits())
  app.use(session(parts))
  app.get("/events", (c) => serveEvents(c, parts))
  for (const endpoint of ENDPOINTS) app.on(endpoint.method, endpoint.path, serveEndpoint(parts, endpoint))
  app.all("/api/*", () => {
    throw new DomainError("NOT_FOUND", "There is no such address.")
  })
  app.all("*", (c) => servePage(c, parts))
  return app
}

async function servePage(c: Context<HttpEnv>, parts: HttpParts): Promise<Response> {
  const ctx = createContext(parts.services, {
    actor: c.get("actor") ?? { kind: "anonymous" },
    requestId: c.get("requestId"),
    address: c.get("address"),
    source: "manual",
    log: c.get("log"),
  })
  const locale = /^\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)/.exec(c.req.header("accept-language") ?? "")?.[1]
  const page = await parts.pages(c.req.raw, {
    ctx,
    nonce: c.get("nonce"),
    session: c.get("session"),
    secureCookies: parts.baseUrl.protocol === "https:",
    baseUrl: parts.baseUrl.origin,
    ...(locale === undefined ? {} : { locale }),
  })
  // What a session sees is not kept anywhere: after logging out, Back shows nothing.
  if (!page.headers.has("cache-control"))
    page.headers.set("cache-control", c.get("session") ? "private, no-store" : "no-cache")
  return page
}

function limitByAddress(perMinute: number) {
  const buckets = createTokenBuckets({ perMinute: Math.max(1, perMinute) })
  return async (c: Context<HttpEnv>, next: () => Promise<void>) => {
    const wait = perMinute === 0 ? null : buckets.take(c.get("address") ?? "")
    if (wait !== null)
      throw new DomainError("RATE_LIMITED", `Too many requests. Try again in ${wait} s.`, {
        retryAfterS: wait,
      })
    await next()
  }
}

/** What did not reach a page: JSON with the code; an internal error shows its request id and nothing else. */
function answerError(c: Context<HttpEnv>, error: unknown): Response {
  const known = error instanceof DomainError ? error : isDatabaseAway(error) ? databaseAway(error) : null
  const code: ErrorCode = known?.code ?? "INTERNAL"
  if (!known) c.get("log").error({ err: error }, "request failed")
  const message =
    known && code !== "INTERNAL" ? known.message : `Something went wrong. Request ${c.get("requestId")}.`
  const body = { success: false, error: message, code, details: known?.details ?? [] }
  const headers: Record<string, string> = {}
  if (known?.retryAfterS != null) headers["retry-after"] = String(known.retryAfterS)
  // The rest of the body is not read: the connection cannot be used again.
  if (code === "PAYLOAD_TOO_LARGE") headers.connection = "close"
  return c.json(body, ERROR_TABLE[code].http, headers)
}

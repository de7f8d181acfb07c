import type { MiddlewareHandler } from "hono"
import { httpRequestMs } from "../metrics.ts"
import type { HttpEnv } from "./environment.ts"

/** One wide event a request, when its answer begins: no query string, no long random parts of the path. */
export function requestLog(): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const startedAt = performance.now()
    await next()
    const ms = Math.round((performance.now() - startedAt) * 10) / 10
    const status = c.res.status
    const kind = kindOf(c.req.path)
    httpRequestMs.observe({ kind, status: `${Math.floor(status / 100)}xx` }, ms)
    const actor = c.get("actor")
    const event = {
      request_id: c.get("requestId"),
      method: c.req.method,
      path: withoutTokens(c.req.path),
      kind,
      status,
      ms,
      address: c.get("address"),
      ...(actor?.kind === "user" ? { user_id: actor.userId } : {}),
      ...c.get("noted"),
    }
    const log = c.get("log")
    if (status >= 500) log.error(event, "request")
    else if (kind === "static" || kind === "probe") log.debug(event, "request")
    else log.info(event, "request")
  }
}

function kindOf(path: string): string {
  if (path === "/trpc/commands.poll") return "poll"
  if (path.startsWith("/trpc/")) return "gateway"
  if (path === "/events") return "events"
  if (path === "/healthz" || path === "/readyz" || path === "/metrics") return "probe"
  if (path.startsWith("/build/") || path === "/favicon.ico") return "static"
  return path.endsWith(".data") ? "data" : "page"
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Account links carry their token in the path. */
export function withoutTokens(path: string): string {
  return path
    .split("/")
    .map((part) =>
      /^[A-Za-z0-9_.~-]{24,}$/.test(part) && !UUID.test(part) && /\d/.test(part) ? "[redacted]" : part,
    )
    .join("/")
}

import type { Context as HonoContext } from "hono"
import { type Context, createContext } from "../../context.ts"
import { DomainError } from "../../contract/errors.ts"
import type { HttpEnv, HttpParts } from "../environment.ts"

/**
 * One door of the REST API: `METHOD /api/path` and what it answers. Session, same origin, body size and the map of errors
 * are the surroundings' (`app.ts`); who may ask is the verb's, and the catalogue's (`contract/surface.ts`).
 */
export type Endpoint = {
  method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE"
  path: `/api/${string}`
  answer: (call: ApiCall) => Promise<unknown>
}
export type ApiCall = {
  ctx: Context
  /** A member of the query; INVALID with its name when it is missing. */
  query: (name: string) => string
  /** The body: a JSON object. INVALID when it is none, or not sent as JSON. */
  body: () => Promise<Record<string, unknown>>
}

export function serveEndpoint(parts: HttpParts, endpoint: Endpoint) {
  return async (c: HonoContext<HttpEnv>): Promise<Response> => {
    const ctx = createContext(parts.services, {
      actor: c.get("actor") ?? { kind: "anonymous" },
      requestId: c.get("requestId"),
      address: c.get("address"),
      source: "api",
      log: c.get("log"),
    })
    if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
    const data = await endpoint.answer({
      ctx,
      query: (name) => c.req.query(name)?.trim() || missing(name),
      body: () => readBody(c),
    })
    return c.json({ success: true, ...(data as object) }, 200, { "cache-control": "private, no-store" })
  }
}

async function readBody(c: HonoContext<HttpEnv>): Promise<Record<string, unknown>> {
  if (!/^application\/json\b/i.test(c.req.header("content-type") ?? ""))
    throw new DomainError("INVALID", "Send the body as application/json.")
  const parsed: unknown = await c.req.json().catch(() => undefined)
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new DomainError("INVALID", "The body is not a JSON object.")
  return parsed as Record<string, unknown>
}

function missing(name: string): never {
  const message = `Say ${name}.`
  throw new DomainError("INVALID", message, { details: [{ path: name, message }] })
}

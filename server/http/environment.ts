import type { HttpBindings } from "@hono/node-server"
import type { Actor } from "../access/actor.ts"
import type { Config } from "../config.ts"
import type { Services } from "../context.ts"
import type { LiveHub } from "../live/hub.ts"
import type { Log } from "../log.ts"
import type { LamproomLoadContext } from "./load-context.ts"

/** What middlewares leave for those behind them. */
export type HttpEnv = {
  Bindings: HttpBindings
  Variables: {
    requestId: string
    address: string | null
    nonce: string
    log: Log
    actor: Actor | undefined
    session: { token: string; expiresAt: Date } | null
    /** More members of the request's log event. */
    noted: Record<string, unknown> | undefined
  }
}

/** The pages: Remix in the product, anything in a test. */
export type PagesHandler = (request: Request, loadContext: LamproomLoadContext) => Promise<Response>

/** Everything the HTTP surface is made of. */
export type HttpParts = {
  config: Config
  services: Services
  hub: LiveHub
  baseUrl: URL
  pages: PagesHandler
  /** The folder that holds `build/` and `favicon.ico`. */
  publicDir: string
  /** `ws://…` of `remix dev`, allowed in the policy; null in production. */
  devSocket: string | null
  /** Ends server-sent events and long polls. */
  shutdown: AbortSignal
}

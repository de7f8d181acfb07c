import { initTRPC } from "@trpc/server"
import type { Context } from "#server/context.ts"
import type { LiveHub } from "#server/live/hub.ts"
import { errorShape } from "./errors.ts"

/** What a procedure gets: the verb's context with the collector as actor, and what only this transport knows. */
export type GatewayCall = {
  ctx: Context
  hub: LiveHub
  /** Asks again whether the key is good. Throws UNAUTHENTICATED when it was revoked. */
  recheckKey: () => Promise<void>
  /** Of the body as it came over the wire; known once the input was read. */
  wireBytes: () => number | null
  /** `performance.now()` when the request came in. */
  startedMs: number
}

const t = initTRPC.context<GatewayCall>().create({
  isDev: false,
  errorFormatter: ({ error, ctx }) => errorShape(error, ctx?.ctx.requestId ?? null),
})

export const createRouter = t.router
export const procedure = t.procedure

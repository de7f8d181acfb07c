import type { Context } from "../context.ts"

/** What every loader and action of the pages gets. */
export type LamproomLoadContext = {
  /** For verbs: the actor, the clock, the database. Anonymous when nobody is logged in. */
  ctx: Context
  /** Of this response's Content-Security-Policy; goes into every script tag. */
  nonce: string
  /** The session that came with the request; null: none, or it had ended. */
  session: { token: string; expiresAt: Date } | null
  /** Whether cookies carry `Secure`: the base URL is https. */
  secureCookies: boolean
  /** Where people reach this installation, for links that leave it. */
  baseUrl: string
  /** The first wish of `Accept-Language`, e.g. `zh-CN`. */
  locale?: string
}

declare module "@remix-run/server-runtime" {
  interface AppLoadContext extends LamproomLoadContext {}
}

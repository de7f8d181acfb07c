import type { MiddlewareHandler } from "hono"
import { readSession } from "../auth/read-session.ts"
import { parseSessionCookie, serializeSessionCookie } from "../auth/session-cookie.ts"
import type { HttpEnv, HttpParts } from "./environment.ts"

/**
 * Finds out who asks. A session that was prolonged gets its cookie again, one that has ended loses it, unless the
 * answer sets the cookie itself (log in, log out).
 */
export function session(parts: HttpParts): MiddlewareHandler<HttpEnv> {
  const secure = parts.baseUrl.protocol === "https:"
  return async (c, next) => {
    const token = parseSessionCookie(c.req.header("cookie"))
    const found = token ? await readSession(parts.services, { token, address: c.get("address") }) : null
    c.set("actor", found?.actor ?? { kind: "anonymous" })
    c.set("session", token && found ? { token, expiresAt: found.expiresAt } : null)
    await next()
    if (!token || (found && !found.fresh)) return
    const cookie = serializeSessionCookie(found ? token : null, { secure })
    const name = cookie.slice(0, cookie.indexOf("=") + 1)
    if (c.res.headers.getSetCookie().some((set) => set.startsWith(name))) return
    c.res.headers.append("set-cookie", cookie)
  }
}

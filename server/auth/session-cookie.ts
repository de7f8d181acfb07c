import { SESSION_TTL_MS } from "#server/contract/budgets.ts"

const NAME = "lamproom_session"

/** The session's token from a Cookie header, or null. */
export function parseSessionCookie(header: string | null | undefined): string | null {
  for (const pair of (header ?? "").split(";")) {
    const at = pair.indexOf("=")
    if (at > 0 && pair.slice(0, at).trim() === NAME) return tokenOrNull(pair.slice(at + 1).trim())
  }
  return null
}

/** A Set-Cookie value that keeps the token for a session's length, or with null removes it. */
export function serializeSessionCookie(token: string | null, options: { secure: boolean }): string {
  const parts = [`${NAME}=${token ?? ""}`, "Path=/", "HttpOnly", "SameSite=Lax"]
  parts.push(`Max-Age=${token === null ? 0 : SESSION_TTL_MS / 1000}`)
  if (options.secure) parts.push("Secure")
  return parts.join("; ")
}

function tokenOrNull(value: string): string | null {
  return /^[A-Za-z0-9_-]{16,128}$/.test(value) ? value : null
}

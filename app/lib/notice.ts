import { redirect } from "@remix-run/node"
import { readCookie } from "./cookies.ts"

/** What was done, said once on the next page. It travels in a cookie that the root loader takes off again. */
export type Notice = {
  id: string
  text: string
  tone: "ok" | "warn" | "bad"
  href?: string
  linkText?: string
}

const NAME = "lamproom_notice"

/** Redirects and says there what happened. `text` is already in the reader's language. */
export function redirectWithNotice(
  to: string,
  notice: Omit<Notice, "id" | "tone"> & { tone?: Notice["tone"] },
  headers: Headers = new Headers(),
): Response {
  const value: Notice = { id: crypto.randomUUID(), tone: "ok", ...notice }
  headers.append(
    "Set-Cookie",
    `${NAME}=${encodeURIComponent(JSON.stringify(value))}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax`,
  )
  return redirect(to, { headers })
}

export const TAKE_NOTICE_OFF = `${NAME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`

export function readNotice(request: Request): Notice | null {
  const value = readCookie(request, NAME)
  if (!value) return null
  try {
    const notice = JSON.parse(value) as Partial<Notice>
    if (typeof notice.id !== "string" || typeof notice.text !== "string") return null
    const href = typeof notice.href === "string" && /^\/(?!\/)/.test(notice.href) ? notice.href : undefined
    const tone = notice.tone === "warn" || notice.tone === "bad" ? notice.tone : "ok"
    return {
      id: notice.id,
      text: notice.text.slice(0, 500),
      tone,
      ...(href ? { href, linkText: notice.linkText ?? href } : {}),
    }
  } catch {
    // Not ours, or cut off: nothing to say.
    return null
  }
}

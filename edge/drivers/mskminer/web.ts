import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { webObject } from "../transport/digest-web.ts"
import { requestHttp } from "../transport/http-client.ts"
import type { Row } from "../transport/reply.ts"
import { sendWithToken, type TokenFamily } from "../transport/token-session.ts"

/** A form login that gives a cookie; whoever has none is sent to the form, or answered 401. */
export const MSKMINER_WEB: TokenFamily = {
  name: "mskminer",
  factory: { username: "admin", password: "root" },
  logIn: async (target, login) => {
    const form = new URLSearchParams({ username: login.username, password: login.password })
    const answer = await requestHttp(target, {
      method: "POST",
      path: "/admin/login",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: form.toString(),
      fresh: true,
    })
    if (!answer.ok) return { ok: false, fault: answer.fault }
    if (answer.status === 401 || answer.status === 403) return ok(null)
    const cookies = (answer.headers["set-cookie"] ?? []).map((cookie) => cookie.split(";")[0]!.trim())
    if (cookies.length > 0) return ok(cookies.join("; "))
    const page = webObject(answer, "the login")
    return page.ok ? ok(null) : page
  },
  carry: (cookie) => ({ Cookie: cookie }),
  isRefusal: ({ status }) => status === 401 || status === 403 || status === 302,
}

export async function readInfo(context: DriverContext): Promise<Outcome<Row>> {
  const request = {
    method: "POST",
    path: "/api/info_v1",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  } as const
  return webObject(await sendWithToken(context, request, MSKMINER_WEB), "info_v1")
}

import { READ_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { type HttpAnswer, requestHttp } from "../transport/http-client.ts"
import { asObject, jsonOf, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { POLL_RETRY, retryAllowance } from "../transport/retry.ts"
import { sendWithToken, type TokenFamily } from "../transport/token-session.ts"

const PANEL = "/user/userpanel?post="
const IS_PANEL = /"data"\s*:/

/** A login by POST whose parameters stand in the query, as the page itself sends them; it gives a cookie. */
export const ICERIVER: TokenFamily = {
  name: "iceriver",
  factory: { username: "admin", password: "12345678" },
  logIn: async (target, { username, password }) => {
    const query = new URLSearchParams({ post: "6", user: username, pwd: password })
    const path = `/user/loginpost?${query}`
    const answer = await requestHttp(target, { method: "POST", path, body: "", fresh: true })
    if (!answer.ok) return { ok: false, fault: answer.fault }
    if (answer.status >= 400 && answer.status < 500) return ok(null)
    if (/"error"\s*:\s*"?[1-9]/.test(answer.text)) return ok(null)
    const cookies = (answer.headers["set-cookie"] ?? []).map((cookie) => cookie.split(";")[0]!.trim())
    // Some images keep no session; whether the login counts, the panel then shows.
    return ok(cookies.join("; "))
  },
  carry: (cookie): Record<string, string> => (cookie === "" ? {} : { Cookie: cookie }),
  // Whoever is not logged in gets the login page, or an answer without data.
  isRefusal: ({ status, text }) =>
    status === 401 ||
    status === 403 ||
    status === 302 ||
    (status === 200 && !IS_PANEL.test(text) && /^\s*</.test(text)),
}

/** On a socket of its own, reads too: a kept one may die under a POST, which nobody repeats. */
const post = (context: DriverContext, query: string): Promise<HttpAnswer> =>
  sendWithToken(
    context,
    {
      method: "POST",
      path: PANEL + query,
      body: "",
      timeoutMs: READ_TIMEOUT_MS,
      fresh: true,
    },
    ICERIVER,
  )

/** All that the machine tells, in one object. */
export async function readPanel(context: DriverContext): Promise<Outcome<Row>> {
  const retries = retryAllowance(context.retry ?? POLL_RETRY, context.signal)
  for (;;) {
    const path = `${PANEL}4`
    const answer = jsonOf(await post(context, "4"), path, (repairs) => context.repaired?.(path, repairs))
    const body = answer.ok ? asObject(answer.value, path) : answer
    if (body.ok) return ok(objectAt(body.value, "data"))
    if (!(await retries.again(body.fault.kind))) return body
  }
}

export const postLocate = (context: DriverContext, on: boolean): Promise<HttpAnswer> =>
  post(context, `5&locate=${on ? 1 : 0}`)

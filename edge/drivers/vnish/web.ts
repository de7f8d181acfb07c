import { ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { webObject } from "../transport/digest-web.ts"
import { type HttpAnswer, type HttpRequest, requestHttp } from "../transport/http-client.ts"
import { type HttpReads, httpReads } from "../transport/http-reads.ts"
import { webTargets } from "../transport/ports.ts"
import { decodeReply, excerpt } from "../transport/reply.ts"
import { sendWithToken, type TokenFamily } from "../transport/token-session.ts"
import { type SentWrite, sentByHttp } from "../verified-write.ts"

const API = "/api/v1/"
/** Where reads that most builds leave open want a login too. */
const closed = new Set<string>()
const CLOSED_MAX = 20_000

/** A password alone unlocks the API; the token goes as Bearer, which some builds want bare for `mining/*`. */
export const VNISH: TokenFamily = {
  name: "vnish",
  factory: { username: "", password: "admin" },
  logIn: async (target, { password }) => {
    const answer = await requestHttp(target, {
      method: "POST",
      path: `${API}unlock`,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ pw: password }),
      fresh: true,
    })
    if (answer.ok && (answer.status === 401 || answer.status === 403)) return ok(null)
    const body = webObject(answer, "unlock")
    if (!body.ok) return body
    const { token } = body.value
    return ok(typeof token === "string" && /^[\x21-\x7e]{1,512}$/.test(token) ? token : null)
  },
  carry: (token) => ({ Authorization: `Bearer ${token}` }),
  carryElse: (token) => ({ Authorization: token }),
  isRefusal: ({ status }) => status === 401 || status === 403,
}

const send = (context: DriverContext, request: HttpRequest): Promise<HttpAnswer> =>
  sendWithToken(context, request, VNISH)

/** Reads of the pages that most builds leave open: a login is used only where they ask for one. */
export function openReads(context: DriverContext): HttpReads {
  return httpReads(context, async (request) => {
    const key = `${context.address.host}:${context.address.webPort}`
    const asked = { ...request, path: API + request.path }
    if (closed.has(key)) return send(context, asked)
    const answer = await sendOpen(context, asked)
    if (!answer.ok || (answer.status !== 401 && answer.status !== 403)) return answer
    if (closed.size >= CLOSED_MAX) closed.clear()
    closed.add(key)
    return send(context, asked)
  })
}

/** Reads of the pages behind the login: `settings`, `autotune/presets`. */
export function lockedReads(context: DriverContext): HttpReads {
  return httpReads(context, (request) => send(context, { ...request, path: API + request.path }))
}

async function sendOpen(context: DriverContext, request: HttpRequest): Promise<HttpAnswer> {
  let last: HttpAnswer | null = null
  for (const target of webTargets(context)) {
    last = await requestHttp(target, request)
    if (last.ok || last.fault.kind !== "refused" || last.sent) return last
  }
  return last!
}

/** POSTs once; `{"err": …}` is a no whatever the status. `answered` sees what else the machine said. */
export async function postVnish(
  context: DriverContext,
  path: string,
  request: Pick<HttpRequest, "headers" | "body" | "timeoutMs">,
  answered?: (body: Record<string, unknown>) => void,
): Promise<SentWrite> {
  const answer = await send(context, { method: "POST", path: API + path, ...request, fresh: true })
  return sentByHttp(answer, ({ status, text }) => {
    const reply = text.trim().startsWith("{") ? decodeReply(text) : null
    const body = reply?.ok ? reply.value.body : {}
    if (status < 300) answered?.(body)
    if (typeof body.err === "string" && body.err !== "") return `"${excerpt(body.err)}"`
    return status < 300 && body.success !== false ? null : `HTTP ${status}`
  })
}

/** The same with a JSON body. */
export const postJson = (
  context: DriverContext,
  path: string,
  body: object,
  timeoutMs: number,
  answered?: (body: Record<string, unknown>) => void,
): Promise<SentWrite> =>
  postVnish(
    context,
    path,
    { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), timeoutMs },
    answered,
  )

import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { text } from "../transport/coerce.ts"
import { webObject } from "../transport/digest-web.ts"
import { type HttpAnswer, type HttpRequest, requestHttp } from "../transport/http-client.ts"
import { type HttpReads, httpReads, jsonOf } from "../transport/http-reads.ts"
import { parseLenientJson } from "../transport/lenient-json.ts"
import { webTargets } from "../transport/ports.ts"
import { sendWithToken, type TokenFamily } from "../transport/token-session.ts"
import { type SentWrite, sentByHttp, statusRefusal } from "../verified-write.ts"
import { rowOf } from "./units.ts"

const API = "/api/v1"
const JSON_BODY = { "Content-Type": "application/json" }
const WRITE_MS = 15_000

/** The token goes into Authorization bare, without `Bearer`. */
export const REST: TokenFamily = {
  name: "braiins-rest",
  factory: { username: "root", password: "root" },
  logIn: async (target, login) => {
    const answer = await requestHttp(target, {
      method: "POST",
      path: `${API}/auth/login`,
      headers: JSON_BODY,
      body: JSON.stringify(login),
    })
    if (answer.ok && [400, 401, 403].includes(answer.status)) return ok(null)
    const told = webObject(answer, "auth/login")
    if (!told.ok) return told
    const token = text(told.value.token, 1_024)
    return token === null ? fault("garbled", "The machine took the login and gave no token.") : ok(token)
  },
  carry: (token) => ({ Authorization: token }),
}

/** The requests of one reading; see `getRest` for a single page. */
export function restReads(context: DriverContext): HttpReads {
  const reads = httpReads(context, (request) => sendWithToken(context, request, REST))
  return { ...reads, value: (page) => reads.value(`${API}/${page}`) }
}

/** One page before or after a write, asked once. */
export async function getRest(context: DriverContext, page: string): Promise<Outcome<unknown>> {
  return restReads({ ...context, retry: [] }).value(page)
}

/** Sends one write. A no comes with its words: `{"code":…,"message":…}`. */
export async function writeRest(
  context: DriverContext,
  page: string,
  body: unknown = undefined,
  method: "PUT" | "POST" = "PUT",
): Promise<SentWrite> {
  const request: HttpRequest = {
    method,
    path: `${API}/${page}`,
    timeoutMs: WRITE_MS,
    fresh: true,
    ...(body === undefined ? {} : { headers: JSON_BODY, body: JSON.stringify(body) }),
  }
  return sentByHttp(await sendWithToken(context, request, REST), refusalOf)
}

function refusalOf(answer: HttpAnswer & { ok: true }): string | null {
  if (answer.status < 300) return null
  const parsed = parseLenientJson(answer.text.trim())
  const message = parsed.ok ? text(rowOf(parsed.value).message, 200) : null
  return message ?? statusRefusal(answer)
}

/**
 * The version of the REST API, which is told without a login; null where there is none. A web interface that is closed
 * is none either; one that is out of order is a fault.
 */
export async function restVersion(context: DriverContext): Promise<Outcome<string | null>> {
  let closed = true
  for (const target of webTargets(context)) {
    const answer = await requestHttp(target, { method: "GET", path: `${API}/version` })
    if (!answer.ok && answer.fault.kind === "refused" && !answer.sent) continue
    closed = false
    if (!answer.ok) return isShut(answer) ? ok(null) : { ok: false, fault: answer.fault }
    if (answer.status !== 200) continue
    const told = jsonOf(answer, "version")
    if (!told.ok) return told.fault.kind === "unsupported" ? ok(null) : told
    const { major, minor, patch } = rowOf(told.value)
    if (major !== undefined) return ok([major, minor ?? 0, patch ?? 0].map(String).join("."))
  }
  return closed ? fault("refused", "The machine's web interface is closed.") : ok(null)
}

/** Nobody takes connections there, as behind a firewall. */
const isShut = (answer: HttpAnswer & { ok: false }) => !answer.sent && answer.fault.kind === "timeout"

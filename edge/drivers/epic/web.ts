import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { needsLogin } from "../transport/digest-web.ts"
import { type HttpAnswer, type HttpRequest, type HttpTarget, requestHttp } from "../transport/http-client.ts"
import { type HttpReads, httpReads } from "../transport/http-reads.ts"
import { commandPort, webTargets } from "../transport/ports.ts"
import { isLoginRefused, loginKey, rememberRefusedLogin } from "../transport/refused-logins.ts"
import { decodeReply, excerpt } from "../transport/reply.ts"
import { type SentWrite, sentByHttp } from "../verified-write.ts"

/** HTTP on the port where others have cgminer; a password stands in the body of every write, and reads want none. */
const PORT = 4028
export const FACTORY: Credentials = { username: "", password: "letmein" }

function targetsOf(context: DriverContext): HttpTarget[] {
  const { host } = context.address
  const port = commandPort(context.address, PORT)
  const others = webTargets(context).filter((target) => target.port !== port)
  return [{ host, port, signal: context.signal }, ...others]
}

type Door = { target: HttpTarget | null }

/** The dashboard's port is asked only where the API's refuses; one that answers in JSON is where the API is. */
async function send(
  context: DriverContext,
  request: HttpRequest,
  door: Door = { target: null },
): Promise<HttpAnswer> {
  const [first, ...others] = targetsOf(context)
  const answer = await requestHttp(door.target ?? first!, request)
  if (answer.ok || answer.fault.kind !== "refused" || answer.sent || door.target !== null) return answer
  for (const target of others) {
    const other = await requestHttp(target, request)
    if (other.ok && /^\s*[{[]/.test(other.text)) {
      door.target = target
      return other
    }
    if (!other.ok && other.sent) return other
  }
  return answer
}

/** The reads of one reading find their door once. */
export function epicReads(context: DriverContext): HttpReads {
  const door: Door = { target: null }
  return httpReads(context, (request) => send(context, { ...request, path: `/${request.path}` }, door))
}

/** What a login made of a write; `wrong-password`: it did not run. */
type Verdict = SentWrite | { kind: "wrong-password" }

const ABOUT_LOGIN = /password|unauthori[sz]ed|authenticat|forbidden|access denied/i

/** One write whose body holds its password. `{"result":false,"error":…}` is a no, with status 200. */
export async function postWith(
  context: DriverContext,
  path: string,
  request: Pick<HttpRequest, "headers" | "body" | "timeoutMs">,
): Promise<Verdict> {
  const answer = await send(context, { method: "POST", path: `/${path}`, ...request, fresh: true })
  if (answer.ok && (answer.status === 401 || answer.status === 403)) return { kind: "wrong-password" }
  const refusal = answer.ok ? refusalOf(answer) : null
  if (refusal !== null && ABOUT_LOGIN.test(refusal)) return { kind: "wrong-password" }
  return sentByHttp(answer, () => refusal)
}

function refusalOf({ status, text }: HttpAnswer & { ok: true }): string | null {
  const reply = text.trim().startsWith("{") ? decodeReply(text) : null
  const body = reply?.ok ? reply.value.body : {}
  if (body.result === true) return null
  const said = typeof body.error === "string" && body.error !== "" ? `"${excerpt(body.error)}"` : null
  if (said !== null) return said
  return body.result === false ? "no reason given" : status < 300 ? null : `HTTP ${status}`
}

export const bodyFor = (login: Credentials, body: object): Pick<HttpRequest, "headers" | "body"> => ({
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ ...body, password: login.password }),
})

/** Sends a write once: a login that was refused did not run it, so the factory's may be tried after it. */
export async function postEpic(context: DriverContext, path: string, body: object): Promise<SentWrite> {
  const nowMs = context.now?.() ?? Date.now()
  for (const login of loginsOf(context)) {
    if (isLoginRefused(keyOf(context, login), nowMs)) continue
    const request = { ...bodyFor(login, body), timeoutMs: WRITE_TIMEOUT_MS }
    const end = await postWith(context, path, request)
    if (end.kind !== "wrong-password") {
      if (end.kind === "accepted") context.loginAccepted?.()
      return end
    }
    rememberRefusedLogin(keyOf(context, login), nowMs)
    context.loginRefused?.(login.username)
  }
  return { kind: "unsent", fault: needsLogin(context.address.host).fault }
}

export const loginsOf = ({ credentials }: DriverContext): Credentials[] =>
  credentials ? [credentials, FACTORY] : [FACTORY]

export const keyOf = ({ address }: DriverContext, login: Credentials): string =>
  loginKey(address.host, commandPort(address, PORT), login)

import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { type HttpAnswer, type HttpRequest, type HttpTarget, requestHttp } from "../transport/http-client.ts"
import { asObject, type HttpReads, httpReads, jsonOf } from "../transport/http-reads.ts"
import { webTargets } from "../transport/ports.ts"
import type { Row } from "../transport/reply.ts"
import { sendWithToken, type TokenFamily } from "../transport/token-session.ts"
import { type SentWrite, sentByHttp } from "../verified-write.ts"
import { forgetSlow } from "./slow.ts"

/** REST under `/api/v1`, on 443 with a certificate of the rig's own, or on 80 without. A login has no user name. */
export const API = "/api/v1"
const TLS_PORT = 443
const WEB_PORT = 80
export const FACTORY_PASSWORD = "proto"
const FACTORY: Credentials = { username: "", password: FACTORY_PASSWORD }
const DOORS_MAX = 20_000

/** Which of its doors a rig was met at, so that the other is not knocked at each time. */
const doors = new Map<string, Pick<HttpTarget, "port" | "secure">>()
const doorKey = ({ host, webPort, rpcPort }: DriverContext["address"]) => `${host}:${webPort}:${rpcPort}`

function candidates(context: DriverContext): HttpTarget[] {
  const { host, webPort, ports } = context.address
  const tls = ports?.[TLS_PORT] ?? (webPort === WEB_PORT || webPort === TLS_PORT ? TLS_PORT : null)
  const plain = webTargets(context).filter(({ port }) => port !== tls)
  return tls === null ? plain : [{ host, port: tls, secure: true, signal: context.signal }, ...plain]
}

/** Asks for the one thing that every rig tells everybody. */
async function doorOf(context: DriverContext): Promise<Outcome<HttpTarget>> {
  const { host } = context.address
  const key = doorKey(context.address)
  const known = doors.get(key)
  if (known !== undefined) return ok({ host, ...known, signal: context.signal })
  let last: HttpAnswer | null = null
  for (const target of candidates(context)) {
    const answer = await requestHttp(target, { method: "GET", path: `${API}/system` })
    if (answer.ok) {
      if (doors.size >= DOORS_MAX) doors.clear()
      const { port, secure = false } = target
      doors.set(key, { port, secure })
      return ok(target)
    }
    last = answer
    if (context.signal.aborted) break
  }
  return last === null || last.ok
    ? fault("refused", `${host} has no web interface.`)
    : { ok: false, fault: last.fault }
}

async function logIn(target: HttpTarget, { password }: Credentials): Promise<Outcome<string | null>> {
  const path = `${API}/auth/login`
  const answer = await requestHttp(target, {
    method: "POST",
    path,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ password }),
  })
  if (answer.ok && answer.status >= 400 && answer.status < 429) return ok(null)
  const reply = jsonOf(answer, path)
  if (!reply.ok) return reply
  const body = asObject(reply.value, path)
  if (!body.ok) return body
  const token = body.value.access_token
  return typeof token === "string" && token !== ""
    ? ok(token)
    : fault("garbled", "The rig took the login and gave no token.")
}

const familyAt = (target: HttpTarget): TokenFamily => ({
  name: "proto-rig",
  factory: FACTORY,
  logIn,
  carry: (token) => ({ Authorization: `Bearer ${token}` }),
  targets: () => [target],
})

/** With a token; a read for which no login is taken is tried without, since some rigs tell it to everybody. */
export async function sendProto(context: DriverContext, request: HttpRequest): Promise<HttpAnswer> {
  const door = await doorOf(context)
  if (!door.ok) return { ...door, sent: false, dropped: false }
  if (request.method !== "GET") forgetSlow(context.address)
  const answer = await sendWithToken(context, request, familyAt(door.value))
  if (answer.ok) return answer
  if (answer.fault.kind === "refused") doors.delete(doorKey(context.address))
  if (answer.fault.kind !== "auth" || request.method !== "GET") return answer
  const open = await requestHttp(door.value, request)
  return open.ok && open.status < 400 ? open : answer
}

/** What is open to everybody, without a login. */
export async function sendOpenly(context: DriverContext, request: HttpRequest): Promise<HttpAnswer> {
  const door = await doorOf(context)
  if (!door.ok) return { ...door, sent: false, dropped: false }
  const answer = await requestHttp(door.value, request)
  if (!answer.ok && answer.fault.kind === "refused") doors.delete(doorKey(context.address))
  return answer
}

export const protoReads = (context: DriverContext): HttpReads =>
  httpReads(context, (request) => sendProto(context, request))
export const openReads = (context: DriverContext): HttpReads =>
  httpReads(context, (request) => sendOpenly(context, request))

export const getProto = (context: DriverContext, path: string): Promise<Outcome<Row>> =>
  protoReads({ ...context, retry: [] }).object(`${API}/${path}`)

/** Whether this one password is taken, without a trace in what is remembered. */
export async function isPasswordTaken(context: DriverContext, password: string): Promise<Outcome<boolean>> {
  const door = await doorOf(context)
  if (!door.ok) return door
  const token = await logIn(door.value, { username: "", password })
  return token.ok ? ok(token.value !== null) : token
}

/** One write, once. */
export async function writeProto(
  context: DriverContext,
  method: "POST" | "PUT",
  path: string,
  body?: unknown,
  more: Partial<HttpRequest> = {},
): Promise<SentWrite> {
  const answer = await sendProto(context, {
    method,
    path: `${API}/${path}`,
    timeoutMs: WRITE_TIMEOUT_MS,
    fresh: true,
    ...(body === undefined
      ? { body: "" }
      : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
    ...more,
  })
  if (answer.ok && (answer.status === 404 || answer.status === 501))
    return { kind: "unsent", fault: fault("unsupported", `This rig has no ${path.split("?")[0]}.`).fault }
  return sentByHttp(answer, refusalOf)
}

/** A rig without a password takes its first one from anybody, once. */
export async function writeFirstPassword(context: DriverContext, password: string): Promise<SentWrite> {
  const answer = await sendOpenly(context, {
    method: "PUT",
    path: `${API}/auth/password`,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ password }),
    timeoutMs: WRITE_TIMEOUT_MS,
    fresh: true,
  })
  return sentByHttp(answer, refusalOf)
}

/** `{"error":{"code","message"}}` or `{"message"}`; never what it says of a password. */
function refusalOf(answer: HttpAnswer & { ok: true }): string | null {
  if (answer.status < 300) return null
  const reply = jsonOf({ ...answer, status: 200 }, "answer")
  const body = reply.ok && typeof reply.value === "object" && reply.value !== null ? (reply.value as Row) : {}
  const error = typeof body.error === "object" && body.error !== null ? (body.error as Row) : body
  const said = typeof error.message === "string" ? `: ${error.message.slice(0, 160)}` : ""
  return `HTTP ${answer.status}${said}`
}

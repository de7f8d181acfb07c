import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { text } from "../transport/coerce.ts"
import { type HttpAnswer, type HttpRequest, requestHttp } from "../transport/http-client.ts"
import { jsonOf } from "../transport/http-reads.ts"
import { webTargets } from "../transport/ports.ts"
import type { Row } from "../transport/reply.ts"
import { POLL_RETRY, retryAllowance } from "../transport/retry.ts"
import { sendWithToken, type TokenFamily } from "../transport/token-session.ts"
import { type SentWrite, sentByHttp, statusRefusal } from "../verified-write.ts"
import { listOf, rowOf } from "./units.ts"

/** What a query asks for. */
export type Fields = { readonly [name: string]: true | Fields }

const WRITE_MS = 15_000
const DENIED = /unauthori[sz]ed|unauthenticated|not logged|log in|permission|access denied/i

const post = (query: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "POST",
  path: "/graphql",
  // A kept socket that died under a POST would read as a machine that is busy.
  fresh: true,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ query }),
  ...more,
})

/** A text as GraphQL writes it: JSON's escapes are its own. */
export const literal = (value: string): string => JSON.stringify(value)

/** The cookie `session_id` of a login by mutation; a build that gives none asks for none. */
export const GRAPHQL: TokenFamily = {
  name: "braiins-graphql",
  factory: { username: "root", password: "" },
  logIn: async (target, { username, password }) => {
    const query = `mutation{auth{login(username:${literal(username)},password:${literal(password)}){__typename}}}`
    const answer = await requestHttp(target, post(query))
    const told = jsonOf(answer, "graphql")
    if (!told.ok) return told.fault.kind === "auth" ? ok(null) : told
    const body = rowOf(told.value)
    const result = rowOf(rowOf(rowOf(body.data).auth).login)
    if (listOf(body.errors).length > 0 || /error/i.test(String(result.__typename))) return ok(null)
    return ok(cookieOf(answer) ?? "none")
  },
  carry: (token): Record<string, string> => (token === "none" ? {} : { Cookie: `session_id=${token}` }),
  isRefusal: (answer) => answer.status === 401 || answer.status === 403 || isDenied(answer),
}

function cookieOf(answer: HttpAnswer): string | null {
  if (!answer.ok) return null
  for (const line of answer.headers["set-cookie"] ?? []) {
    const value = /^session_id=([\w.%+/=-]{1,512})/.exec(line)?.[1]
    if (value !== undefined) return value
  }
  return null
}

function isDenied(answer: HttpAnswer & { ok: true }): boolean {
  if (!answer.text.includes("errors") || !DENIED.test(answer.text)) return false
  const told = jsonOf(answer, "graphql")
  return told.ok && messagesOf(rowOf(told.value)).some((message) => DENIED.test(message))
}

const messagesOf = (body: Row): string[] =>
  listOf(body.errors).map((error) => text(error.message, 300) ?? "no reason given")

const UNKNOWN_MAX = 20_000
const DROPS_MAX = 8
/**
 * What the server at an address does not know: releases differ, and one unknown field spoils a query. `questions`: those
 * without these fields, made once.
 */
type Lacks = { names: ReadonlySet<string>; questions: WeakMap<Fields, HttpRequest> }
const NOTHING: Lacks = { names: new Set(), questions: new WeakMap() }
const unknown = new Map<string, Lacks>()

/**
 * Asks for fields, without those that this server does not know. A login that is refused costs nothing where the
 * server tells without one.
 */
export async function askGraphql(context: DriverContext, fields: Fields): Promise<Outcome<Row>> {
  const key = `${context.address.host}:${context.address.webPort}`
  const retries = retryAllowance(context.retry ?? POLL_RETRY, context.signal)
  for (let drops = 0; ; ) {
    const lacks = unknown.get(key) ?? NOTHING
    const answer = await sendOrBare(context, questionOf(fields, lacks))
    const told = jsonOf(answer, "graphql", (repairs) => context.repaired?.("graphql", repairs))
    if (!told.ok && (await retries.again(told.fault.kind))) continue
    const body = told.ok ? rowOf(told.value) : bodyOf(answer)
    const data = rowOf(body.data)
    if (Object.values(data).some((value) => value !== null)) return ok(data)
    const messages = messagesOf(body)
    // `Unknown field "x" on type "Y"`: what comes first is the field.
    const names = messages.map((message) => /["'`](\w+)["'`]/.exec(message)?.[1] ?? "")
    const found = names.filter((name) => hasField(fields, name) && !lacks.names.has(name))
    if (found.length === 0 || drops === DROPS_MAX) {
      if (!told.ok) return told
      return fault("unsupported", `The machine refused the question: ${messages[0] ?? "no data"}.`)
    }
    drops += 1
    if (unknown.size >= UNKNOWN_MAX) unknown.clear()
    unknown.set(key, { names: new Set([...lacks.names, ...found]), questions: new WeakMap() })
  }
}

function questionOf(fields: Fields, { names, questions }: Lacks): HttpRequest {
  const kept = questions.get(fields) ?? post(`query${rendered(fields, names)}`)
  questions.set(fields, kept)
  return kept
}

/** Errors of a query come with 200, and with 400 from stricter servers. */
function bodyOf(answer: HttpAnswer): Row {
  if (!answer.ok || answer.status !== 400) return {}
  const told = jsonOf({ ...answer, status: 200 }, "graphql")
  return told.ok ? rowOf(told.value) : {}
}

async function sendOrBare(context: DriverContext, request: HttpRequest): Promise<HttpAnswer> {
  const answer = await sendWithToken(context, request, GRAPHQL)
  if (answer.ok || answer.fault.kind !== "auth") return answer
  for (const target of webTargets(context)) {
    const bare = await requestHttp(target, request)
    if (bare.ok && bare.status === 200 && !isDenied(bare)) return bare
    if (bare.ok || bare.fault.kind !== "refused") return answer
  }
  return answer
}

function rendered(fields: Fields, without: ReadonlySet<string>): string {
  const parts = Object.entries(fields)
    .filter(([name]) => !without.has(name))
    .map(([name, inner]) => (inner === true ? name : `${name}${rendered(inner, without)}`))
    .filter((part) => !part.endsWith("{}"))
  return `{${parts.join(" ")}}`
}

function hasField(fields: Fields, name: string): boolean {
  return Object.entries(fields).some(
    ([own, inner]) => own === name || (inner !== true && hasField(inner, name)),
  )
}

/** Sends one mutation; its path of fields leads to a result whose type says whether it was done. */
export async function mutate(context: DriverContext, mutation: string): Promise<SentWrite> {
  const request = post(`mutation${mutation}`, { timeoutMs: WRITE_MS })
  return sentByHttp(await sendWithToken(context, request, GRAPHQL), (answer) => {
    if (answer.status >= 300) return statusRefusal(answer)
    const told = jsonOf(answer, "graphql")
    if (!told.ok) return null // unreadable after it was taken: what reads back decides
    const [message] = messagesOf(rowOf(told.value))
    if (message !== undefined) return message
    return /"__typename"\s*:\s*"\w*Error\w*"/.test(answer.text)
      ? (text(/"message"\s*:\s*"([^"]{1,200})"/.exec(answer.text)?.[1], 200) ?? "no reason given")
      : null
  })
}

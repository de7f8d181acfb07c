import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { type HttpAnswer, type HttpRequest, type HttpTarget, requestHttp } from "../transport/http-client.ts"
import { asObject, jsonOf, listAt, objectAt } from "../transport/http-reads.ts"
import { webApiPort } from "../transport/ports.ts"
import type { Row } from "../transport/reply.ts"
import { sendWithToken, type TokenFamily } from "../transport/token-session.ts"
import { type SentWrite, sentByHttp } from "../verified-write.ts"

/** GraphQL on port 5000; a login is a password alone, and an answer with status 200 may say that there was none. */
const PORT = 5000
const PATH = "/api/graphql"
const FACTORY: Credentials = { username: "futurebit", password: "futurebit123" }
const NO_LOGIN =
  /unauthori[sz]ed|unauthenticated|not authenticated|jwt|(?:invalid|expired|missing|no) token|forbidden/i

/** Made once for what is asked at every poll: its text is long. */
export const question = (query: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "POST",
  path: PATH,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ query }),
  // Every question is a POST: on a kept socket that has died, nobody would know whether it arrived.
  fresh: true,
  ...more,
})

async function logIn(target: HttpTarget, { password }: Credentials): Promise<Outcome<string | null>> {
  const query = `{ Auth { login(input: { password: ${JSON.stringify(password)} }) { result { accessToken } error { message } } } }`
  const answer = await requestHttp(target, question(query))
  if (answer.ok && (answer.status === 401 || answer.status === 403)) return ok(null)
  const reply = jsonOf(answer, PATH)
  if (!reply.ok) return reply
  const login = objectAt({ reply: reply.value }, "reply", "data", "Auth", "login")
  const token = objectAt(login, "result").accessToken
  if (typeof token === "string" && token !== "") return ok(token)
  return "error" in login ? ok(null) : fault("garbled", "The Apollo answered the login with something else.")
}

const APOLLO: TokenFamily = {
  name: "futurebit",
  factory: FACTORY,
  logIn,
  carry: (token) => ({ Authorization: `Bearer ${token}` }),
  isRefusal: (answer) => answer.status === 401 || isNoLogin(answer),
  targets: ({ address, signal }) => [{ host: address.host, port: webApiPort(address, PORT), signal }],
}

function isNoLogin(answer: HttpAnswer & { ok: true }): boolean {
  if (!answer.text.includes("errors")) return false
  const reply = jsonOf(answer, PATH)
  return reply.ok && NO_LOGIN.test(errorOf({ reply: reply.value }) ?? "")
}

/** What GraphQL complains of; null where it does not. */
function errorOf(row: Row): string | null {
  const errors = listAt(objectAt(row, "reply"), "errors", 4)
  return errors.length === 0 ? null : String(errors[0]!.message ?? "unknown error").slice(0, 160)
}

/** A question that reads: `data` of its answer. */
export async function ask(context: DriverContext, reading: HttpRequest): Promise<Outcome<Row>> {
  const reply = jsonOf(await sendWithToken(context, reading, APOLLO), PATH)
  if (!reply.ok) return reply
  const body = asObject(reply.value, PATH)
  if (!body.ok) return body
  const error = errorOf({ reply: body.value })
  if (error !== null && !("data" in body.value && body.value.data !== null))
    return fault("unsupported", `The Apollo refused the question: ${error}`)
  return ok(objectAt(body.value, "data"))
}

/** `restart`, `start` or `stop` of the miner, once. */
export async function tell(context: DriverContext, word: "restart" | "start" | "stop"): Promise<SentWrite> {
  const query = `mutation { Miner { ${word} { error { message } } } }`
  const answer = await sendWithToken(context, question(query, { timeoutMs: WRITE_TIMEOUT_MS }), APOLLO)
  return sentByHttp(answer, (said) => {
    if (said.status >= 300) return `HTTP ${said.status}`
    const reply = jsonOf(said, PATH)
    if (!reply.ok) return null
    const own = objectAt({ reply: reply.value }, "reply", "data", "Miner", word, "error").message
    return errorOf({ reply: reply.value }) ?? (typeof own === "string" ? own.slice(0, 160) : null)
  })
}

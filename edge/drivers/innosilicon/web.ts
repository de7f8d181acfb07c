import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { webObject } from "../transport/digest-web.ts"
import { type HttpAnswer, requestHttp } from "../transport/http-client.ts"
import { asObject, jsonOf } from "../transport/http-reads.ts"
import { excerpt, type Row } from "../transport/reply.ts"
import { sendWithToken, type TokenFamily } from "../transport/token-session.ts"
import { type SentWrite, sentByHttp } from "../verified-write.ts"

const FORM = { "Content-Type": "application/x-www-form-urlencoded" }
const EXPIRED = /"token"\s*:\s*"expired"/

/** A form login gives a JWT, which goes as Bearer and runs out. */
export const INNOSILICON: TokenFamily = {
  name: "innosilicon",
  factory: { username: "admin", password: "admin" },
  logIn: async (target, { username, password }) => {
    const answer = await requestHttp(target, {
      method: "POST",
      path: "/api/auth",
      headers: FORM,
      body: new URLSearchParams({ username, password }).toString(),
      fresh: true,
    })
    if (answer.ok && answer.status >= 400 && answer.status < 500) return ok(null)
    const body = webObject(answer, "the login")
    if (!body.ok) return body
    const { jwt } = body.value
    return ok(typeof jwt === "string" && /^[\x21-\x7e]{1,2048}$/.test(jwt) ? jwt : null)
  },
  carry: (token) => ({ Authorization: `Bearer ${token}` }),
  isRefusal: ({ status, text }) => status === 401 || status === 403 || EXPIRED.test(text),
}

/** On a socket of its own, reads too: a kept one may die under a POST, which nobody repeats. */
const post = (
  context: DriverContext,
  command: string,
  form: URLSearchParams | null,
  writes: boolean,
): Promise<HttpAnswer> =>
  sendWithToken(
    context,
    {
      method: "POST",
      path: `/api/${command}`,
      headers: FORM,
      body: form?.toString() ?? "",
      fresh: true,
      ...(writes ? { timeoutMs: WRITE_TIMEOUT_MS } : {}),
    },
    INNOSILICON,
  )

/** Reads are POSTs too. `{"success":false}` is a fault. */
export async function readApi(context: DriverContext, command: string): Promise<Outcome<Row>> {
  const path = `/api/${command}`
  const answer = jsonOf(await post(context, command, null, false), path, (repairs) =>
    context.repaired?.(path, repairs),
  )
  const body = answer.ok ? asObject(answer.value, path) : answer
  return body.ok && body.value.success === false
    ? fault("unsupported", `The machine did not answer ${path}.`)
    : body
}

/** One write, once. */
export async function writeApi(
  context: DriverContext,
  command: string,
  form: URLSearchParams | null = null,
): Promise<SentWrite> {
  const answer = await post(context, command, form, true)
  return sentByHttp(answer, (said) => {
    if (said.status >= 300) return `HTTP ${said.status}`
    const reply = webObject(said, command)
    if (!reply.ok || reply.value.success !== false) return null
    return excerpt(String(reply.value.message ?? reply.value.error ?? "no reason given"))
  })
}

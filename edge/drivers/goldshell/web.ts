import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { webObject } from "../transport/digest-web.ts"
import { requestHttp } from "../transport/http-client.ts"
import { type HttpReads, httpReads } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { sendWithToken, type TokenFamily } from "../transport/token-session.ts"
import { type SentWrite, sentByHttp } from "../verified-write.ts"

/** What the vendor's own page makes of a password; units that take no plain one want this from whoever assigns it. */
const ENCIPHERED = /^[0-9a-f]{32,}$/i

/** A login by two GETs; its token never ends and goes as Bearer. */
export const GOLDSHELL: TokenFamily = {
  name: "goldshell",
  factory: { username: "admin", password: "123456789" },
  logIn: async (target, { username, password }) => {
    const get = (path: string) => requestHttp(target, { method: "GET", path, fresh: true })
    const out = await get("/user/logout")
    if (!out.ok) return { ok: false, fault: out.fault }
    const cipher = String(ENCIPHERED.test(password))
    const answer = await get(`/user/login?${new URLSearchParams({ username, password, cipher })}`)
    if (answer.ok && answer.status >= 400 && answer.status < 500) return ok(null)
    const body = webObject(answer, "the login")
    if (!body.ok) return body
    const token = body.value["JWT Token"]
    return ok(typeof token === "string" && /^[\x21-\x7e]{1,2048}$/.test(token) ? token : null)
  },
  carry: (token) => ({ Authorization: `Bearer ${token}` }),
  isRefusal: ({ status }) => status === 401 || status === 403,
}

export const goldReads = (context: DriverContext): HttpReads =>
  httpReads(context, (request) => sendWithToken(context, request, GOLDSHELL))

/** PUTs once. */
export async function put(context: DriverContext, page: string, body: Row): Promise<SentWrite> {
  const answer = await sendWithToken(
    context,
    {
      method: "PUT",
      path: `/mcb/${page}`,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      timeoutMs: WRITE_TIMEOUT_MS,
      fresh: true,
    },
    GOLDSHELL,
  )
  return sentByHttp(answer)
}

export const readSetting = (context: DriverContext): Promise<Outcome<Row>> =>
  goldReads(context).object("/mcb/setting")

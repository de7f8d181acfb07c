import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { requestDigest } from "../transport/digest-client.ts"
import type { HttpAnswer, HttpRequest } from "../transport/http-client.ts"
import { isLoginRefused, loginKey, rememberRefusedLogin } from "../transport/refused-logins.ts"
import { decodeReply, type Row } from "../transport/reply.ts"
import { webTargets } from "../transport/web-port.ts"

const FACTORY_LOGIN: Credentials = { username: "root", password: "root" }
/** The factory login is shown to Antminers only; an assigned one was chosen by a person for this address. */
const ANTMINER_REALM = /^antminer/i

/**
 * Sends one request with the assigned login, else the factory one; logins refused within the hour are not tried. A
 * refused login is the fault `auth`, never an answer with status 401, and then nothing was executed.
 */
export async function sendWeb(context: DriverContext, request: HttpRequest): Promise<HttpAnswer> {
  const nowMs = context.now?.() ?? Date.now()
  const assigned = context.credentials
  const logins = assigned ? [assigned, FACTORY_LOGIN] : [FACTORY_LOGIN]
  let last: HttpAnswer | null = null
  for (const target of webTargets(context)) {
    last = null
    for (const login of logins) {
      const key = loginKey(target.host, target.port, login)
      if (isLoginRefused(key, nowMs)) continue
      const realm = login === assigned ? undefined : ANTMINER_REALM
      const answer = await requestDigest(target, login, request, realm ? { realm } : {})
      last = answer
      if (!answer.ok && answer.fault.kind === "refused" && !answer.sent) break // the next port
      if (!answer.ok) return answer
      if (answer.status !== 401) {
        context.loginAccepted?.()
        return answer
      }
      rememberRefusedLogin(key, nowMs)
      context.loginRefused?.(login.username)
    }
    if (last === null || last.ok) return needsLogin(target.host)
  }
  return last ?? needsLogin(context.address.host)
}

function needsLogin(host: string): HttpAnswer {
  const message = `The web interface of ${host} needs a login: assign the miner's user and password.`
  return { ok: false, fault: { kind: "auth", message }, sent: false, dropped: false }
}

/** Reads one CGI page as an object. */
export async function getWeb(context: DriverContext, page: string): Promise<Outcome<Row>> {
  const answer = await sendWeb(context, { method: "GET", path: `/cgi-bin/${page}.cgi` })
  return webObject(answer, page)
}

export function webObject(answer: HttpAnswer, page: string): Outcome<Row> {
  if (!answer.ok) return { ok: false, fault: answer.fault }
  if (answer.status === 404) return fault("unsupported", `This miner's web interface has no ${page}.`)
  if (answer.status === 503 || answer.status === 429)
    return fault("busy", `The miner's web interface is overloaded (${answer.status}).`)
  if (answer.status !== 200)
    return fault("unsupported", `The miner answered ${page} with HTTP ${answer.status}.`)
  const reply = decodeReply(answer.text)
  if (!reply.ok) return reply
  if (reply.value.truncated) return fault("garbled", `The miner's answer to ${page} was cut off.`)
  return ok(reply.value.body)
}

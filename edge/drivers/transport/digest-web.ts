import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { requestDigest } from "./digest-client.ts"
import type { HttpAnswer, HttpRequest } from "./http-client.ts"
import { webTargets } from "./ports.ts"
import { isRefusedHere, loginKey, rememberRefusedLogin } from "./refused-logins.ts"
import { decodeReply, type Row } from "./reply.ts"

/** A family's web interface behind HTTP Digest: its factory login, and the realm that alone is shown it. */
export type DigestFamily = { factory: Credentials; realm: RegExp }

/**
 * Sends one request with the assigned login, else the factory one; logins refused within the hour are not tried. A
 * refused login is the fault `auth`, never an answer with status 401, and then nothing was executed.
 */
export async function sendDigest(
  context: DriverContext,
  request: HttpRequest,
  family: DigestFamily,
  /** Told which login the machine took. */
  taken?: (login: Credentials) => void,
): Promise<HttpAnswer> {
  const nowMs = context.now?.() ?? Date.now()
  const assigned = context.credentials
  const logins = assigned ? [assigned, family.factory] : [family.factory]
  let last: HttpAnswer | null = null
  for (const target of webTargets(context)) {
    last = null
    for (const login of logins) {
      if (isRefusedHere(target.host, target.port, login, nowMs)) continue
      const realm = login === assigned ? undefined : family.realm
      const answer = await requestDigest(target, login, request, realm)
      last = answer
      if (!answer.ok && answer.fault.kind === "refused" && !answer.sent) break // the next port
      if (!answer.ok) return answer
      if (answer.status !== 401) {
        taken?.(login)
        context.loginAccepted?.()
        return answer
      }
      rememberRefusedLogin(loginKey(target.host, target.port, login), nowMs)
      context.loginRefused?.(login.username)
    }
    if (last === null || last.ok) return needsLogin(target.host)
  }
  return last ?? needsLogin(context.address.host)
}

/** Whether this one login is taken, asked with a page that only reads; null: the machine does not tell now. */
export async function isDigestLoginTaken(
  context: DriverContext,
  login: Credentials,
  path: string,
): Promise<boolean | null> {
  for (const target of webTargets(context)) {
    const answer = await requestDigest(target, login, { method: "GET", path, fresh: true })
    if (answer.ok) return answer.status === 401 ? false : answer.status < 300 ? true : null
    if (answer.fault.kind !== "refused") return null
  }
  return null
}

/** What every family answers when it has no login that the machine takes. */
export function needsLogin(host: string): HttpAnswer & { ok: false } {
  const message = `The web interface of ${host} needs a login: assign the miner's user and password.`
  return { ok: false, fault: { kind: "auth", message }, sent: false, dropped: false }
}

/** Reads one CGI page as an object. */
export async function getDigestPage(
  context: DriverContext,
  page: string,
  family: DigestFamily,
): Promise<Outcome<Row>> {
  return webObject(await sendDigest(context, { method: "GET", path: `/cgi-bin/${page}.cgi` }, family), page)
}

/** A page's answer as an object, after the repairs of the cgminer ports; anything else is a fault in words. */
export function webObject(answer: HttpAnswer, page: string): Outcome<Row> {
  if (!answer.ok) return { ok: false, fault: answer.fault }
  if (answer.status === 404) return fault("unsupported", `This miner's web interface has no ${page}.`)
  if (answer.status === 401 || answer.status === 403)
    return fault("auth", `The miner does not admit this login to ${page}.`)
  if (answer.status === 503 || answer.status === 429)
    return fault("busy", `The miner's web interface is overloaded (${answer.status}).`)
  if (answer.status < 200 || answer.status >= 300)
    return fault("unsupported", `The miner answered ${page} with HTTP ${answer.status}.`)
  const reply = decodeReply(answer.text)
  if (!reply.ok) return reply
  if (reply.value.truncated) return fault("garbled", `The miner's answer to ${page} was cut off.`)
  return ok(reply.value.body)
}

import type { Outcome } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { needsLogin } from "./digest-web.ts"
import { type HttpAnswer, type HttpRequest, type HttpTarget, requestHttp } from "./http-client.ts"
import { webTargets } from "./ports.ts"
import { isRefusedHere, loginKey, rememberRefusedLogin } from "./refused-logins.ts"

/**
 * An HTTP API behind a session: a login gives a token or a cookie that every request then carries. `logIn` answers null when
 * the machine refused these credentials, and a fault when it could not be asked.
 */
export type TokenFamily = {
  /** Names the family in the store of tokens. */
  name: string
  factory: Credentials
  logIn: (target: HttpTarget, login: Credentials) => Promise<Outcome<string | null>>
  /** The headers that carry the token: `Authorization: Bearer …`, `Token: …`, a cookie. */
  carry: (token: string) => Record<string, string>
  /** How some builds want it instead; tried once with the same token where the first way was turned away. */
  carryElse?: (token: string) => Record<string, string>
  /** The answer of a machine that does not know the token any more; 401 when left out. */
  isRefusal?: (answer: HttpAnswer & { ok: true }) => boolean
  /** Where the API is; the web interface's ports when left out. */
  targets?: (context: DriverContext) => HttpTarget[]
}

const TOKENS_MAX = 20_000
const tokens = new Map<string, string>()
/** One login at a time for an address: the others wait for its token. */
const loggingIn = new Map<string, Promise<Outcome<string | null>>>()

/**
 * Sends one request with a token, logging in when there is none, and once more when the machine has forgotten it: a
 * request that was turned away with 401 did not run. The assigned login goes first, then the factory one; one that was
 * refused rests an hour. Never throws.
 */
export async function sendWithToken(
  context: DriverContext,
  request: HttpRequest,
  family: TokenFamily,
): Promise<HttpAnswer> {
  let last: HttpAnswer | null = null
  for (const target of family.targets?.(context) ?? webTargets(context)) {
    const answer = await sendTo(context, target, request, family)
    if (answer.ok || answer.fault.kind !== "refused" || answer.sent) return answer
    last = answer
  }
  return last ?? needsLogin(context.address.host)
}

async function sendTo(
  context: DriverContext,
  target: HttpTarget,
  request: HttpRequest,
  family: TokenFamily,
): Promise<HttpAnswer> {
  const isRefusal = family.isRefusal ?? ((answer) => answer.status === 401)
  const logins = context.credentials ? [context.credentials, family.factory] : [family.factory]
  const nowMs = context.now?.() ?? Date.now()
  for (const login of logins) {
    if (isRefusedHere(target.host, target.port, login, nowMs)) continue
    const loginAt = loginKey(target.host, target.port, login)
    const key = `${family.name} ${loginAt}`
    for (const fresh of [false, true]) {
      const kept = fresh ? undefined : tokens.get(key)
      if (!fresh && kept === undefined) continue
      const token =
        kept === undefined
          ? await singleLogin(key, target, login, family)
          : { ok: true as const, value: kept }
      if (!token.ok) return { ok: false, fault: token.fault, sent: false, dropped: false }
      if (token.value === null) break // refused: the next login
      const send = (carried: Record<string, string>) =>
        requestHttp(target, { ...request, headers: { ...request.headers, ...carried } })
      let answer = await send(family.carry(token.value))
      if (family.carryElse && answer.ok && isRefusal(answer))
        answer = await send(family.carryElse(token.value))
      if (!answer.ok || !isRefusal(answer)) {
        if (answer.ok) context.loginAccepted?.()
        return answer
      }
      tokens.delete(key)
    }
    if (tokens.has(key)) continue
    rememberRefusedLogin(loginAt, nowMs)
    context.loginRefused?.(login.username)
  }
  return needsLogin(target.host)
}

function singleLogin(
  key: string,
  target: HttpTarget,
  login: Credentials,
  family: TokenFamily,
): Promise<Outcome<string | null>> {
  const running = loggingIn.get(key)
  if (running !== undefined) return running
  const asked = family.logIn(target, login).then((token) => {
    if (token.ok && token.value !== null) {
      if (tokens.size >= TOKENS_MAX) tokens.delete(tokens.keys().next().value!)
      tokens.set(key, token.value)
    }
    return token
  })
  loggingIn.set(key, asked)
  void asked.finally(() => loggingIn.delete(key))
  return asked
}

/** Forgets every token, as a collector that starts anew; for tests. */
export function forgetTokens(): void {
  tokens.clear()
}

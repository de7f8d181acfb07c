import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { requestDigest } from "./digest-client.ts"
import { type DigestFamily, needsLogin } from "./digest-web.ts"
import { webTargets } from "./ports.ts"
import { isLoginRefused, loginKey, rememberRefusedLogin } from "./refused-logins.ts"

/** A page behind the login that changes nothing. */
export type ProofPage = `/${string}`

/** Whether one login, and no other, is taken; asked once, and one that was refused within the hour not at all. */
export async function isDigestLoginTaken(
  context: DriverContext,
  login: Credentials,
  page: ProofPage,
  realm?: RegExp,
): Promise<Outcome<boolean>> {
  const nowMs = context.now?.() ?? Date.now()
  for (const target of webTargets(context)) {
    const key = loginKey(target.host, target.port, login)
    if (isLoginRefused(key, nowMs)) return ok(false)
    const request = { method: "GET" as const, path: page, fresh: true }
    const answer = await requestDigest(target, login, request, realm)
    if (!answer.ok && answer.fault.kind === "refused" && !answer.sent) continue // the next port
    if (!answer.ok) return { ok: false, fault: answer.fault }
    if (answer.status !== 401) return ok(true)
    rememberRefusedLogin(key, nowMs)
    return ok(false)
  }
  return fault("refused", `The web interface of ${context.address.host} is closed.`)
}

/** The login that the machine takes now: the assigned one, else the factory's; the fault `auth` when it is neither. */
export async function presentDigestLogin(
  context: DriverContext,
  family: DigestFamily,
  page: ProofPage,
): Promise<Outcome<Credentials>> {
  const assigned = context.credentials
  for (const login of assigned ? [assigned, family.factory] : [family.factory]) {
    const taken = await isDigestLoginTaken(
      context,
      login,
      page,
      login === assigned ? undefined : family.realm,
    )
    if (!taken.ok) return taken
    if (taken.value) {
      context.loginAccepted?.()
      return ok(login)
    }
    context.loginRefused?.(login.username)
  }
  return { ok: false, fault: needsLogin(context.address.host).fault }
}

import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { needsLogin } from "./digest-web.ts"
import { webTargets } from "./ports.ts"
import { isLoginRefused, loginKey, rememberRefusedLogin } from "./refused-logins.ts"
import type { TokenFamily } from "./token-session.ts"

/** Whether one login, and no other, is taken; asked once, and one that was refused within the hour not at all. */
export async function isTokenLoginTaken(
  context: DriverContext,
  family: TokenFamily,
  login: Credentials,
): Promise<Outcome<boolean>> {
  const nowMs = context.now?.() ?? Date.now()
  for (const target of family.targets?.(context) ?? webTargets(context)) {
    const key = loginKey(target.host, target.port, login)
    if (isLoginRefused(key, nowMs)) return ok(false)
    const token = await family.logIn(target, login)
    if (!token.ok && token.fault.kind === "refused") continue // the next port
    if (!token.ok) return token
    if (token.value !== null) return ok(true)
    rememberRefusedLogin(key, nowMs)
    return ok(false)
  }
  return fault("refused", `The web interface of ${context.address.host} is closed.`)
}

/** The login that the machine takes now: the assigned one, else the factory's; the fault `auth` when it is neither. */
export async function presentTokenLogin(
  context: DriverContext,
  family: TokenFamily,
): Promise<Outcome<Credentials>> {
  for (const login of context.credentials ? [context.credentials, family.factory] : [family.factory]) {
    const taken = await isTokenLoginTaken(context, family, login)
    if (!taken.ok) return taken
    if (taken.value) {
      context.loginAccepted?.()
      return ok(login)
    }
    context.loginRefused?.(login.username)
  }
  return { ok: false, fault: needsLogin(context.address.host).fault }
}

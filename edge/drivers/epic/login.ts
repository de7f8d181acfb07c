import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { ActionOf } from "#server/contract/command-parameters.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { changeLogin } from "../change-login.ts"
import type { ActOutcome, Credentials, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { boolean } from "../transport/coerce.ts"
import { needsLogin } from "../transport/digest-web.ts"
import { objectAt } from "../transport/http-reads.ts"
import { isLoginRefused, rememberRefusedLogin } from "../transport/refused-logins.ts"
import { bodyFor, epicReads, FACTORY, keyOf, loginsOf, postWith } from "./web.ts"

/**
 * Whether the machine takes a password. No page that only reads wants one, so the light is told to stay as it is, which
 * changes nothing.
 */
async function isTaken(context: DriverContext, login: Credentials): Promise<Outcome<boolean>> {
  const nowMs = context.now?.() ?? Date.now()
  const key = keyOf(context, login)
  if (isLoginRefused(key, nowMs)) return ok(false)
  const summary = await epicReads({ ...context, retry: [] }).object("summary")
  if (!summary.ok) return summary
  const lit = boolean(objectAt(summary.value, "Misc")["Locate Miner State"])
  if (lit === null)
    return fault("unsupported", "The machine does not tell its light, by which a password is tried.")
  const request = { ...bodyFor(login, { param: lit }), timeoutMs: WRITE_TIMEOUT_MS }
  const end = await postWith(context, "identify", request)
  if (end.kind === "accepted") return ok(true)
  if (end.kind === "unsent" || end.kind === "lost") return { ok: false, fault: end.fault }
  if (end.kind === "refused") return fault("refused", `The miner refused to be asked: ${end.message}`)
  rememberRefusedLogin(key, nowMs)
  return ok(false)
}

/** The password that the machine takes now: the assigned one, else the factory's. */
export async function presentLogin(context: DriverContext): Promise<Outcome<Credentials>> {
  for (const login of loginsOf(context)) {
    const taken = await isTaken(context, login)
    if (!taken.ok) return taken
    if (taken.value) {
      context.loginAccepted?.()
      return ok(login)
    }
    context.loginRefused?.(login.username)
  }
  return { ok: false, fault: needsLogin(context.address.host).fault }
}

export async function setLogin(
  context: DriverContext,
  { username, password }: ActionOf<"SET_LOGIN">["parameters"],
): Promise<ActOutcome> {
  const user = context.credentials?.username ?? FACTORY.username
  if (username !== undefined && username !== user)
    return notDone("unsupported", "ePIC has one password and no users; leave the user name out.")
  return changeLogin({
    ran: "password",
    door: "the machine's API",
    wanted: (present) => ({ username: present?.username ?? user, password }),
    present: () => presentLogin(context),
    isTaken: (login) => isTaken(context, login),
    send: async (old) => {
      const request = { ...bodyFor(old, { param: password }), timeoutMs: WRITE_TIMEOUT_MS }
      const end = await postWith(context, "password", request)
      // What a miner says of a password may repeat it.
      return end.kind === "refused" || end.kind === "wrong-password"
        ? { kind: "refused", message: "it does not take it." }
        : end
    },
    ...(context.loginAccepted ? { accepted: context.loginAccepted } : {}),
  })
}

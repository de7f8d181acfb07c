import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { done, notDone } from "../outcomes.ts"
import { boolean } from "../transport/coerce.ts"
import { needsLogin } from "../transport/digest-web.ts"
import type { SentWrite } from "../verified-write.ts"
import { API, FACTORY_PASSWORD, isPasswordTaken, openReads, writeFirstPassword, writeProto } from "./web.ts"

const MIN_LENGTH = 8
const state = { username: "" }

/**
 * Changes the password, or sets the first one of a rig that has none yet, and logs in with the new one, so that even a
 * lost answer has a known outcome.
 */
export async function setLogin(
  context: DriverContext,
  { username, password }: ActionOf<"SET_LOGIN">["parameters"],
): Promise<ActOutcome> {
  if (username) return notDone("unsupported", "A login of this rig has no user name.")
  if (password.length < MIN_LENGTH)
    return notDone("unsupported", `A password of this rig has ${MIN_LENGTH} characters at least.`)
  const status = await openReads({ ...context, retry: [] }).object(`${API}/system/status`)
  const isUnset = status.ok && boolean(status.value.password_set) === false
  if (!isUnset) {
    const taken = await isPasswordTaken(context, password)
    if (!taken.ok) return { ok: false, fault: taken.fault, sent: false }
    if (taken.value) {
      context.loginAccepted?.()
      return report("log in", "The rig takes this password already.", true)
    }
  }
  const present = isUnset ? ok("") : await presentPassword(context)
  if (!present.ok) return { ok: false, fault: present.fault, sent: false }
  const sent = isUnset
    ? await writeFirstPassword(context, password)
    : await writeProto(context, "PUT", "auth/change-password", {
        current_password: present.value,
        new_password: password,
      })
  return settled(context, sent, password, isUnset ? "PUT auth/password" : "PUT auth/change-password")
}

/** The assigned one, else the factory's. */
async function presentPassword(context: DriverContext): Promise<Outcome<string>> {
  const assigned = context.credentials?.password
  for (const password of assigned === undefined ? [FACTORY_PASSWORD] : [assigned, FACTORY_PASSWORD]) {
    const taken = await isPasswordTaken(context, password)
    if (!taken.ok) return taken
    if (taken.value) return ok(password)
    context.loginRefused?.("")
  }
  return { ok: false, fault: needsLogin(context.address.host).fault }
}

async function settled(
  context: DriverContext,
  sent: SentWrite,
  password: string,
  ran: string,
): Promise<ActOutcome> {
  if (sent.kind === "unsent") return { ok: false, fault: sent.fault, sent: false }
  // In words of our own: what a rig says of a password may repeat it.
  if (sent.kind === "refused") return notDone("refused", "The rig refused the new password.")
  const taken = await isPasswordTaken(context, password)
  if (taken.ok && taken.value) return report(ran, "The rig takes the new password.", false)
  if (taken.ok && sent.kind === "accepted") return notDone("refused", "The rig keeps its old password.")
  const message = taken.ok ? "The rig does not take the new password." : taken.fault.message
  return { ok: false, fault: { kind: "timeout", message }, sent: true }
}

function report(ran: string, message: string, already: boolean): ActOutcome {
  return done({
    ran,
    message,
    verified: true,
    ...(already ? { already } : {}),
    username: "",
    before: state,
    after: already ? state : { ...state, new_password: true },
  })
}

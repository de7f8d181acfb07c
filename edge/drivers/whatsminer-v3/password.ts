import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, Credentials, DriverContext } from "../driver.ts"
import { alreadySo, done, notDone } from "../outcomes.ts"
import { isLoginRefused, loginKey, rememberRefusedLogin } from "../transport/refused-logins.ts"
import { needsPassword } from "../whatsminer/token.ts"
import { logins, readInk, type SetEnd, sendSigned } from "./send.ts"
import { CODES, frameTarget } from "./session.ts"

const RAN = "set.user.change_passwd"
/** A command that can do nothing without its parameter: how it is refused tells whether the password was taken. */
const PROOF = { cmd: "set.system.led", param: null }

/**
 * Changes the password of the account that commands are sent by. No read wants a password, so the old and the new one are
 * proved by how a command without its parameter is turned away; a machine that takes the new one already is left as it is.
 */
export async function setLogin(
  context: DriverContext,
  { username, password }: ActionOf<"SET_LOGIN">["parameters"],
): Promise<ActOutcome> {
  const present = await presentLogin(context)
  if (!present.ok) return { ok: false, fault: present.fault, sent: false }
  const account = present.value?.username ?? username ?? logins(context)[0]!.username
  if (username !== undefined && username !== account)
    return notDone(
      "unsupported",
      `Commands are sent by the account ${account}; only its own password is changed.`,
    )
  const wanted = { username: account, password }
  if (present.value === null) {
    // The others were turned away, so that the machine does tell passwords apart.
    const taken = await isTaken(context, wanted)
    if (taken.ok && taken.value === true) return soAlready(context, account)
    return { ...needsPassword(context.address.host), sent: false }
  }
  if (present.value.password === password) return soAlready(context, account)
  return change(context, present.value, wanted)
}

async function change(context: DriverContext, old: Credentials, wanted: Credentials): Promise<ActOutcome> {
  const sent = await sendChange(context, old, wanted)
  if (sent.kind === "unsent") return { ok: false, fault: sent.fault, sent: false }
  if (sent.kind === "refused")
    return notDone("refused", `The miner refused the new password: ${sent.message}.`)

  const { username } = wanted
  const report = { ran: RAN, username, before: { username } }
  const taken = await isTaken(context, wanted)
  const kept = await isTaken(context, old)
  if (taken.ok && taken.value === true && kept.ok && kept.value === false)
    return done({
      ...report,
      message: `The account ${username} takes the new password.`,
      verified: true,
      after: { username, new_password: true },
    })
  if (taken.ok && taken.value === false) {
    if (kept.ok && kept.value === true) return notDone("refused", "The miner keeps its old password.")
    const message = "The miner answered the change and takes neither password."
    return { ok: false, fault: { kind: "timeout", message }, sent: true }
  }
  if (sent.kind === "lost") return { ok: false, fault: { ...sent.fault, kind: "timeout" }, sent: true }
  return done({
    ...report,
    message: "The miner accepted the new password; it does not prove it.",
    verified: false,
    after: null,
  })
}

/** By the names that the vendor's tool uses, and by those of other firmware where the first are not understood. */
async function sendChange(context: DriverContext, old: Credentials, wanted: Credentials): Promise<SetEnd> {
  const ink = await readInk(context)
  if (!ink.ok) return { kind: "unsent", fault: ink.fault }
  const { username } = old
  const send = (param: Record<string, string>) =>
    sendSigned(context, { cmd: RAN, param, sealed: true }, { ...ink.value, login: old })
  const first = await send({ account: username, old: old.password, new: wanted.password })
  if (first.code !== -1 && first.code !== CODES.malformed) return first
  return send({ user: username, old_password: old.password, new_password: wanted.password })
}

/** The login that the machine takes, or is not known to refuse; null: it refuses all that are known. */
async function presentLogin(context: DriverContext): Promise<Outcome<Credentials | null>> {
  for (const login of logins(context)) {
    const taken = await isTaken(context, login)
    if (!taken.ok) return taken
    if (taken.value !== false) return ok(login)
    context.loginRefused?.(login.username)
  }
  return ok(null)
}

/** Null: it does not tell. */
async function isTaken(context: DriverContext, login: Credentials): Promise<Outcome<boolean | null>> {
  const { host, port } = frameTarget(context)
  const nowMs = context.now?.() ?? Date.now()
  const key = loginKey(host, port, login)
  if (isLoginRefused(key, nowMs)) return ok(false)
  const ink = await readInk(context)
  if (!ink.ok) return ink
  const end = await sendSigned(context, PROOF, { ...ink.value, login })
  if (end.kind === "unsent") return { ok: false, fault: end.fault }
  if (end.kind === "accepted" || end.code === CODES.malformed) return ok(true)
  if (end.code !== CODES.denied) return ok(null)
  rememberRefusedLogin(key, nowMs)
  return ok(false)
}

function soAlready(context: DriverContext, username: string): ActOutcome {
  context.loginAccepted?.()
  const so = alreadySo("log in", `The account ${username} takes this password already.`, { username })
  return so.ok ? done({ ...so.value, username }) : so
}

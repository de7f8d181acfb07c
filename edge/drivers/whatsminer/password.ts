import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, Credentials, DriverContext, Identity } from "../driver.ts"
import { alreadySo, done, notDone } from "../outcomes.ts"
import { isLoginRefused, loginKey, rememberRefusedLogin } from "../transport/refused-logins.ts"
import type { SentWrite } from "../verified-write.ts"
import { isSealedReadAnswered, sealedWrite } from "./send.ts"
import { FACTORY, needsPassword, withLogin } from "./token.ts"

const RAN = "update_pwd"
const PASSWORD = /^[\w-]{1,8}$/

/**
 * Changes the API's password, and proves the new one by a sealed read, so that even a lost answer has a known outcome. A
 * machine that takes the new one already, say after an interrupted change, is left as it is.
 */
export async function setLogin(
  context: DriverContext,
  identity: Identity,
  { username, password }: ActionOf<"SET_LOGIN">["parameters"],
): Promise<ActOutcome> {
  if (username !== undefined && username !== FACTORY.username)
    return notDone("unsupported", `The user of this API is ${FACTORY.username}; it has no other.`)
  if (!PASSWORD.test(password))
    return notDone("unsupported", "A WhatsMiner takes passwords of 1 to 8 letters, digits, _ and -.")
  const wanted = { username: FACTORY.username, password }
  const present = await presentLogin(context, identity)
  if (!present.ok) return { ok: false, fault: present.fault, sent: false }
  if (present.value === null) {
    const taken = await isTaken(context, identity, wanted)
    if (taken.ok && taken.value === true) return soAlready(context)
    return { ...needsPassword(context.address.host), sent: false }
  }
  if (present.value.password === password) return soAlready(context)
  return change(context, identity, present.value, wanted)
}

async function change(
  context: DriverContext,
  identity: Identity,
  old: Credentials,
  wanted: Credentials,
): Promise<ActOutcome> {
  const command = { cmd: RAN, old: old.password, new: wanted.password }
  const end = await withLogin<SentWrite>(context, old, (token) =>
    sealedWrite(context, identity, token, command),
  )
  if (!end.ok) return { ok: false, fault: end.fault, sent: false }
  if (end.value.refused) return { ...needsPassword(context.address.host), sent: false }
  const sent = end.value.value
  if (sent.kind === "unsent") return { ok: false, fault: sent.fault, sent: false }
  if (sent.kind === "refused") return notDone("refused", "The miner refused the new password.")

  const { username } = wanted
  const report = { ran: RAN, username, before: { username } }
  const taken = await isTaken(context, identity, wanted)
  if (taken.ok && taken.value === true)
    return done({
      ...report,
      message: "The API takes the new password.",
      verified: true,
      after: { username, new_password: true },
    })
  const kept = await isTaken(context, identity, old)
  if (kept.ok && kept.value === true) return notDone("refused", "The miner keeps its old password.")
  if (sent.kind === "accepted" && !(taken.ok && taken.value === false))
    return done({
      ...report,
      message: "The miner accepted the new password; it does not prove it yet.",
      verified: false,
      after: null,
    })
  const message =
    sent.kind === "lost" ? sent.fault.message : "The miner answered the change and takes neither password."
  return { ok: false, fault: { kind: "timeout", message }, sent: true }
}

/** The login that the machine takes, or is not known to refuse; null: it refuses all that are known. */
async function presentLogin(
  context: DriverContext,
  identity: Identity,
): Promise<Outcome<Credentials | null>> {
  for (const login of context.credentials ? [context.credentials, FACTORY] : [FACTORY]) {
    const taken = await isTaken(context, identity, login)
    if (!taken.ok) return taken
    if (taken.value !== false) return ok(login)
    context.loginRefused?.(login.username)
  }
  return ok(null)
}

/** Whether the machine seals its answers with the key of this login; null: it seals no reads. */
async function isTaken(
  context: DriverContext,
  identity: Identity,
  login: Credentials,
): Promise<Outcome<boolean | null>> {
  const nowMs = context.now?.() ?? Date.now()
  const key = loginKey(context.address.host, context.address.rpcPort, login)
  if (isLoginRefused(key, nowMs)) return ok(false)
  const end = await withLogin(context, login, (token) => isSealedReadAnswered(context, identity, token))
  if (!end.ok) return end
  if (!end.value.refused) return end.value.value
  rememberRefusedLogin(key, nowMs)
  return ok(false)
}

function soAlready(context: DriverContext): ActOutcome {
  context.loginAccepted?.()
  const { username } = FACTORY
  const so = alreadySo("log in", "The API takes this password already.", { username })
  return so.ok ? done({ ...so.value, username }) : so
}

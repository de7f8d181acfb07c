import type { Outcome } from "#server/contract/driver-faults.ts"
import type { ActOutcome, Credentials } from "./driver.ts"
import { done, notDone } from "./outcomes.ts"
import type { SentWrite } from "./verified-write.ts"

export type LoginChange = {
  /** The write in the miner's own terms. */
  ran: string
  /** What takes the login: `the web interface`. */
  door: string
  /** The login after the change; its user name is the machine's. */
  wanted: (present: Credentials | null) => Credentials
  /** The login that the machine takes now; a fault `auth` when it is none that we know. */
  present: () => Promise<Outcome<Credentials>>
  isTaken: (login: Credentials) => Promise<Outcome<boolean>>
  send: (present: Credentials) => Promise<SentWrite>
  accepted?: () => void
}

/**
 * A new password, proved by logging in with it, so that even a lost answer has a known outcome. A machine that takes
 * the new one already, say after an interrupted change, is left as it is.
 */
export async function changeLogin(change: LoginChange): Promise<ActOutcome> {
  const present = await change.present()
  if (!present.ok) {
    const nothingSent = { ok: false, fault: present.fault, sent: false } as const
    if (present.fault.kind !== "auth") return nothingSent
    const wanted = change.wanted(null)
    const taken = await change.isTaken(wanted)
    if (!taken.ok || !taken.value) return nothingSent
    change.accepted?.()
    return soAlready(change, wanted.username)
  }
  const old = present.value
  const wanted = change.wanted(old)
  const { username } = wanted
  if (old.password === wanted.password) return soAlready(change, username)

  const sent = await change.send(old)
  if (sent.kind === "unsent") return { ok: false, fault: sent.fault, sent: false }
  if (sent.kind === "refused")
    return notDone("refused", `The miner refused the new password: ${sent.message}`)
  const taken = await change.isTaken(wanted)
  if (taken.ok && taken.value)
    return done({
      ran: change.ran,
      message: `${capitalised(change.door)} takes the new password.`,
      verified: true,
      username,
      before: { username },
      after: { username, new_password: true },
    })
  const kept = taken.ok ? await change.isTaken(old) : taken
  if (kept.ok && kept.value) return notDone("refused", "The miner keeps its old password.")
  const message =
    sent.kind === "lost" ? sent.fault.message : "The miner answered the change and takes neither password."
  return { ok: false, fault: { kind: "timeout", message }, sent: true }
}

function soAlready({ door }: LoginChange, username: string): ActOutcome {
  const state = { username }
  return done({
    ran: "log in",
    message: `${capitalised(door)} takes this password already.`,
    verified: true,
    already: true,
    username,
    before: state,
    after: state,
  })
}

const capitalised = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)

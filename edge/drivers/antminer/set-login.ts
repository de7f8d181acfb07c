import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, Credentials, DriverContext } from "../driver.ts"
import { done, lost, notDone } from "../outcomes.ts"
import { isDigestLoginTaken, presentDigestLogin } from "../transport/digest-login.ts"
import { webObject } from "../transport/digest-web.ts"
import { forgetRefusedLogins } from "../transport/refused-logins.ts"
import { ANTMINER, sendWeb } from "./web.ts"

const PAGE = "passwd.cgi"
const PROOF = "/cgi-bin/get_system_info.cgi"

/**
 * Changes the password of the web interface and logs in with the new one, so that even a lost answer has a known
 * outcome. A machine that takes the new one already, say after an interrupted change, is left as it is.
 */
export async function setLogin(
  context: DriverContext,
  { username, password }: ActionOf<"SET_LOGIN">["parameters"],
): Promise<ActOutcome> {
  const present = await presentDigestLogin(context, ANTMINER, PROOF)
  if (!present.ok) {
    const nothingSent = { ok: false, fault: present.fault, sent: false } as const
    if (present.fault.kind !== "auth") return nothingSent
    const wanted = { username: username ?? context.credentials?.username ?? "root", password }
    const taken = await isDigestLoginTaken(context, wanted, PROOF)
    if (!taken.ok || !taken.value) return nothingSent
    context.loginAccepted?.()
    return soAlready(wanted.username)
  }
  const old = present.value
  if (username !== undefined && username !== old.username)
    return notDone("unsupported", `The user of this web interface is ${old.username}; it has no other.`)
  return old.password === password ? soAlready(old.username) : change(context, old, password)
}

async function change(context: DriverContext, old: Credentials, password: string): Promise<ActOutcome> {
  const answer = await sendWeb(
    { ...context, credentials: old },
    {
      method: "POST",
      path: `/cgi-bin/${PAGE}`,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ curPwd: old.password, newPwd: password, confirmPwd: password }),
      timeoutMs: WRITE_TIMEOUT_MS,
      fresh: true,
    },
  )
  if (!answer.ok && !answer.sent && !answer.dropped) return { ok: false, fault: answer.fault, sent: false }
  if (answer.ok && answer.status === 404)
    return notDone("unsupported", "This miner's web interface has no passwd.cgi.")
  const refused = answer.ok ? refusalOf(answer.text) : null
  if (refused !== null) return notDone("refused", `The miner refused the new password: ${refused}.`)

  // Whatever was refused here before says nothing of now.
  forgetRefusedLogins(context.address.host)
  const { username } = old
  const taken = await isDigestLoginTaken(context, { username, password }, PROOF)
  if (taken.ok && taken.value)
    return done({
      ran: PAGE,
      message: "The web interface takes the new password.",
      verified: true,
      username,
      before: { username },
      after: { username, new_password: true },
    })
  const kept = taken.ok ? await isDigestLoginTaken(context, old, PROOF) : taken
  if (kept.ok && kept.value) return notDone("refused", "The miner keeps its old password.")
  const message = "The miner answered the change and takes neither password."
  return lost(
    answer.ok ? { ok: false, fault: { kind: "timeout", message }, sent: true, dropped: false } : answer,
  )
}

function soAlready(username: string): ActOutcome {
  const state = { username }
  return done({
    ran: "log in",
    message: "The web interface takes this password already.",
    verified: true,
    already: true,
    username,
    before: state,
    after: state,
  })
}

const REFUSALS: Record<string, string> = {
  P001: "it does not take such a password",
  P002: "it says that the present one is wrong",
  P003: "it says that the new one and its repetition differ",
}

/** In words of our own: what a miner says of a password may repeat it. */
function refusalOf(text: string): string | null {
  const reply = webObject({ ok: true, status: 200, headers: {}, text }, PAGE)
  if (!reply.ok) return null
  const { stats, code } = reply.value
  const known = typeof code === "string" ? REFUSALS[code] : undefined
  return known ?? (stats === "error" ? "no reason given" : null)
}

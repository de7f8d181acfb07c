import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { number, text } from "../transport/coerce.ts"
import { requestFrame } from "../transport/framed-client.ts"
import { isLoginRefused, loginKey, rememberRefusedLogin } from "../transport/refused-logins.ts"
import type { Row } from "../transport/reply.ts"
import type { SentWrite } from "../verified-write.ts"
import { API_IS_OFF } from "../whatsminer/token.ts"
import { CODES, frameSession, frameTarget, member } from "./session.ts"
import { type Ink, type SetCommand, signed } from "./sign.ts"

export const FACTORY: Credentials = { username: "super", password: "super" }
const ACCOUNTS = new Set(["super", "user1", "user2", "user3"])
const ANSWER_MS = 10_000
/** A clock of a machine that is further off signs by its own time. */
const CLOCK_OFF_S = 60
const EPOCH_S = 1_000_000_000

/** `code`: of a refusal, as the machine gave it. */
export type SetEnd = SentWrite & { code?: number }

/** The assigned login, by an account that the API has, then the factory's. */
export function logins({ credentials }: DriverContext): Credentials[] {
  if (credentials === null) return [FACTORY]
  const { username, password } = credentials
  return [{ username: ACCOUNTS.has(username) ? username : FACTORY.username, password }, FACTORY]
}

/** What every signature needs, read fresh: a salt changes with the password. A switched-off API is a fault. */
export async function readInk(context: DriverContext): Promise<Outcome<Omit<Ink, "login">>> {
  const info = await frameSession(context).read("get.device.info")
  if (!info.ok) return info
  const { msg, whenS } = info.value
  if (text(member(msg, "system").apiswitch, 8) === "0")
    return fault("refused", `The miner takes no command: ${API_IS_OFF}.`)
  const salt = text(msg.salt, 64)
  if (salt === null) return fault("garbled", "The miner tells no salt to sign commands with.")
  const nowS = Math.floor(Date.now() / 1000)
  const off = whenS !== null && whenS > EPOCH_S && Math.abs(whenS - nowS) > CLOCK_OFF_S
  return ok({ salt, tsS: off ? Math.floor(whenS) : nowS })
}

/**
 * Sends one set command, once: a login that the machine turns away did not run it, and then the factory's is tried. One
 * that was refused rests an hour.
 */
export async function sendSet(context: DriverContext, command: SetCommand): Promise<SetEnd> {
  const ink = await readInk(context)
  if (!ink.ok) return { kind: "unsent", fault: ink.fault }
  return withLogins(context, (login) => sendSigned(context, command, { ...ink.value, login }))
}

/** The same rule for any request that is signed. */
export async function withLogins<T extends SetEnd>(
  context: DriverContext,
  send: (login: Credentials) => Promise<T>,
): Promise<T | SetEnd> {
  const { host, port } = frameTarget(context)
  const nowMs = context.now?.() ?? Date.now()
  let denied: T | null = null
  for (const login of logins(context)) {
    const key = loginKey(host, port, login)
    if (isLoginRefused(key, nowMs)) continue
    const end = await send(login)
    if (end.kind !== "refused" || end.code !== CODES.denied) {
      if (end.kind !== "unsent") context.loginAccepted?.()
      return end
    }
    // Other accounts may lack the command alone.
    if (login.username !== FACTORY.username) return end
    rememberRefusedLogin(key, nowMs)
    context.loginRefused?.(login.username)
    denied = end
  }
  const message = `${host} takes no login that is known here. ${denied === null ? "" : `${capitalised(NO_PERMISSION)}. `}Assign the machine's.`
  return { kind: "unsent", fault: { kind: "auth", message } }
}

export async function sendSigned(context: DriverContext, command: SetCommand, ink: Ink): Promise<SetEnd> {
  const answer = await requestFrame(frameTarget(context), signed(command, ink), { readTimeoutMs: ANSWER_MS })
  if (answer.ok) return endOf(answer.body)
  const { fault: said, sent, dropped } = answer
  if (!sent) return { kind: "unsent", fault: said }
  return { kind: "lost", fault: dropped ? { ...said, kind: "busy" } : said }
}

const NO_PERMISSION =
  "the password is wrong, the account may not do this, or the API still has its first password or is off"
const REFUSALS: Readonly<Record<number, string>> = {
  [-1]: "the value, or the password",
  [CODES.unknown]: "its firmware does not know this command",
  [CODES.malformed]: "a member of the command is missing or of another kind",
  [CODES.denied]: NO_PERMISSION,
  [-5]: "it is out of memory",
}

/** In words of our own: what a machine says of a parameter may repeat it. */
export function endOf(body: Row): SetEnd {
  const code = number(body.code)
  if (code === 0) return { kind: "accepted" }
  if (code === null)
    return { kind: "lost", fault: { kind: "garbled", message: "The miner's answer holds no verdict." } }
  return { kind: "refused", code, message: `${REFUSALS[code] ?? "for a reason of its own"} (code ${code})` }
}

const capitalised = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)

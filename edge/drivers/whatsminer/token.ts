import { type Fault, fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { requestRpc } from "../transport/cgminer-client.ts"
import { text } from "../transport/coerce.ts"
import { isLoginRefused, loginKey, rememberRefusedLogin } from "../transport/refused-logins.ts"
import { decodeReply, statusFault } from "../transport/reply.ts"
import { flat } from "./identify.ts"
import { type Salts, type Token, tokenOf } from "./seal.ts"

/** The one user of API v1 and v2. */
export const FACTORY: Credentials = { username: "admin", password: "admin" }
export const API_IS_OFF =
  "its API takes no writes. Change its first password and switch the API on with WhatsMinerTool, then try again"

const GET_TOKEN: ReadonlySet<string> = new Set(["get_token"])
/** A token lives half an hour, and an address has 32 of them: one is used until shortly before it ends. */
const TOKEN_USE_MS = 25 * 60_000
const TOKENS_MAX = 20_000
const tokens = new Map<string, { token: Token; untilMs: number }>()

/** What a request with a token came to; `refused`: the machine does not take this token. */
export type TokenUse<T> = { refused: true } | { refused: false; value: T }

/**
 * Runs one request with a token: the one in use, else a new one, and a new one once more where the machine has forgotten
 * the old, for what was turned away with its token did not run. The assigned login goes first, then the factory's; one
 * that was refused rests an hour.
 */
export async function withToken<T>(
  context: DriverContext,
  use: (token: Token) => Promise<TokenUse<T>>,
): Promise<Outcome<T>> {
  const { host, rpcPort } = context.address
  const nowMs = context.now?.() ?? Date.now()
  for (const login of context.credentials ? [context.credentials, FACTORY] : [FACTORY]) {
    const key = loginKey(host, rpcPort, login)
    if (isLoginRefused(key, nowMs)) continue
    const end = await withLogin(context, login, use)
    if (!end.ok) return end
    if (!end.value.refused) {
      context.loginAccepted?.()
      return ok(end.value.value)
    }
    rememberRefusedLogin(key, nowMs)
    context.loginRefused?.(login.username)
  }
  return needsPassword(host)
}

export function needsPassword(host: string): { ok: false; fault: Fault } {
  return fault(
    "auth",
    `The API of ${host} takes none of the passwords that are known here: assign the machine's.`,
  )
}

/** The same with one login and no other. */
export async function withLogin<T>(
  context: DriverContext,
  login: Credentials,
  use: (token: Token) => Promise<TokenUse<T>>,
): Promise<Outcome<TokenUse<T>>> {
  const key = loginKey(context.address.host, context.address.rpcPort, login)
  const nowMs = context.now?.() ?? Date.now()
  const kept = tokens.get(key)
  if (kept !== undefined && nowMs < kept.untilMs) {
    const end = await use(kept.token)
    if (!end.refused) return ok(end)
  }
  tokens.delete(key)
  const token = await getToken(context, login.password)
  if (!token.ok) return token
  const end = await use(token.value)
  if (end.refused) return ok(end)
  if (tokens.size >= TOKENS_MAX) tokens.delete(tokens.keys().next().value!)
  tokens.set(key, { token: token.value, untilMs: nowMs + TOKEN_USE_MS })
  return ok(end)
}

async function getToken(context: DriverContext, password: string): Promise<Outcome<Token>> {
  const { host, rpcPort: port } = context.address
  const target = { host, port, signal: context.signal }
  const answer = await requestRpc(target, { command: "get_token" }, { writes: GET_TOKEN })
  if (!answer.ok) return { ok: false, fault: answer.fault }
  const reply = decodeReply(answer.text)
  if (!reply.ok) return reply
  const { status } = reply.value
  if (/over max/i.test(status.message) || status.code === 136)
    return fault(
      "busy",
      "The miner has given all its tokens to this address; it takes half an hour to free one.",
    )
  const refused = statusFault(status, "get_token")
  if (refused?.kind === "auth") return fault("refused", `The miner refused get_token: ${API_IS_OFF}.`)
  if (refused !== null) return { ok: false, fault: refused }
  const salts = saltsOf(flat(reply.value))
  return salts === null
    ? fault("garbled", "The miner answered get_token without what a token is made of.")
    : ok(tokenOf(password, salts))
}

function saltsOf(message: ReturnType<typeof flat>): Salts | null {
  const [time, salt, newsalt] = [message?.time, message?.salt, message?.newsalt].map((each) => text(each, 64))
  return time && salt && newsalt ? { time, salt, newsalt } : null
}

/** Forgets every token, as a collector that starts anew; for tests. */
export function forgetTokens(): void {
  tokens.clear()
}

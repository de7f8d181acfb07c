import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity } from "../driver.ts"
import { requestRpc } from "../transport/cgminer-client.ts"
import { decodeReply, type Reply, type Status, statusFault } from "../transport/reply.ts"
import type { SentWrite } from "../verified-write.ts"
import { isV1 } from "./dialect.ts"
import { seal, type Token, unseal } from "./seal.ts"
import { API_IS_OFF, type TokenUse, withToken } from "./token.ts"

/** Every write that this driver sends, and `status`, which proves a password when it comes back sealed. */
export const SEALED: ReadonlySet<string> = new Set(
  (
    "restart_btminer reboot power_off power_on set_low_power set_normal_power set_high_power adjust_power_limit " +
    "update_pools set_target_freq set_fan_zero_speed set_led update_pwd update_firmware upgrade_firmware status"
  ).split(" "),
)
/** btminer answers within this, or it restarts without a word. */
const WRITE_ANSWER_MS = 10_000
const LOST_TOKEN = new Set([24, 135])
const TOO_MANY_TOKENS = 136
const NOT_JSON = 23
const UNKNOWN_COMMAND = 14
export const NO_ENVELOPE: ReadonlySet<number> = new Set([UNKNOWN_COMMAND, NOT_JSON])

export type Command = { cmd: string } & Record<string, string | number>

/** Sends one write in its envelope, once; a token that the machine has forgotten is renewed before that. */
export async function sendWrite(
  context: DriverContext,
  identity: Identity,
  command: Command,
): Promise<SentWrite> {
  const end = await withToken<SentWrite>(context, (token) => sealedWrite(context, identity, token, command))
  return end.ok ? end.value : { kind: "unsent", fault: end.fault }
}

/** The same with one token. */
export async function sealedWrite(
  context: DriverContext,
  identity: Identity,
  token: Token,
  command: Command,
): Promise<TokenUse<SentWrite>> {
  const first = writeEnd(await exchange(context, command.cmd, seal(token, command)), token, command.cmd)
  // A daemon that knows no envelope did not run what was in it; the oldest take plain commands with a token.
  if (!isV1(identity) || first.plainCode === null || !NO_ENVELOPE.has(first.plainCode)) return first.use
  const plain = JSON.stringify({ ...command, token: token.sign })
  return writeEnd(await exchange(context, command.cmd, plain), token, command.cmd).use
}

type Exchange = Awaited<ReturnType<typeof exchange>>
function exchange(context: DriverContext, command: string, sealed: string) {
  const { host, rpcPort: port } = context.address
  return requestRpc(
    { host, port, signal: context.signal },
    { command },
    { writes: SEALED, sealed, readTimeoutMs: WRITE_ANSWER_MS },
  )
}

/** `plainCode`: of an error that was answered without an envelope. */
type WriteUse = { use: TokenUse<SentWrite>; plainCode: number | null }

function writeEnd(answer: Exchange, token: Token, command: string): WriteUse {
  const settled = (value: SentWrite, plainCode: number | null = null): WriteUse => ({
    use: { refused: false, value },
    plainCode,
  })
  if (!answer.ok) {
    const { fault, sent, dropped } = answer
    if (!sent) return settled({ kind: "unsent", fault })
    return settled({ kind: "lost", fault: dropped ? { ...fault, kind: "busy" } : fault })
  }
  const opened = openAnswer(answer.text, token)
  if (!opened.ok) return settled({ kind: "lost", fault: opened.fault })
  const { reply, sealed } = opened.value
  const { status } = reply
  const plainCode = sealed ? null : status.code
  if (!sealed && isTokenRefused(status)) return { use: { refused: true }, plainCode }
  const message = refusalOf(status, command)
  return message === null
    ? settled({ kind: "accepted", said: status.message })
    : settled({ kind: "refused", message }, plainCode)
}

/** An answer, out of its envelope where it has one. What comes before the token was looked at is never sealed. */
export function openAnswer(raw: string, token: Token): Outcome<{ reply: Reply; sealed: boolean }> {
  const outer = decodeReply(raw)
  if (!outer.ok) return outer
  const { enc } = outer.value.body
  if (typeof enc !== "string") return ok({ reply: outer.value, sealed: false })
  const text = unseal(token, enc)
  const inner = text === null ? null : decodeReply(text)
  return inner?.ok
    ? ok({ reply: inner.value, sealed: true })
    : { ok: false, fault: { kind: "garbled", message: "The miner's sealed answer cannot be opened." } }
}

/** A wrong key makes noise of an envelope's content, so a machine may also call it bad JSON. */
export function isTokenRefused({ severity, code }: Status): boolean {
  return severity === "E" && code !== null && (LOST_TOKEN.has(code) || code === NOT_JSON)
}

/** Null for a yes. A command that nobody knows is named, as it is not the machine's fault. */
export function refusalOf(status: Status, command: string): string | null {
  const refused = statusFault(status, command)
  if (refused === null) return null
  if (status.code === 45 || /can't access/i.test(status.message)) return API_IS_OFF
  if (status.code === TOO_MANY_TOKENS) return "it has given all its tokens to this address"
  if (status.code === UNKNOWN_COMMAND) return "its firmware does not know this command"
  return status.message === ""
    ? `code ${status.code ?? "unknown"}`
    : `"${status.message}" (code ${status.code})`
}

/** Whether a sealed read comes back sealed with the same key, which proves the password; null: it comes back plain. */
export async function isSealedReadAnswered(
  context: DriverContext,
  identity: Identity,
  token: Token,
): Promise<TokenUse<Outcome<boolean | null>>> {
  const answer = await exchange(context, "status", seal(token, { cmd: "status" }))
  if (!answer.ok) return { refused: false, value: { ok: false, fault: answer.fault } }
  const opened = openAnswer(answer.text, token)
  if (!opened.ok) return { refused: false, value: opened }
  const { reply, sealed } = opened.value
  if (sealed) return { refused: false, value: ok(true) }
  const noEnvelope = isV1(identity) && NO_ENVELOPE.has(reply.status.code ?? 0)
  return isTokenRefused(reply.status) && !noEnvelope ? { refused: true } : { refused: false, value: ok(null) }
}

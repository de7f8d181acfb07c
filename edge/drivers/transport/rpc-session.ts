import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { NO_WRITES, type RpcFailure, type RpcOptions, requestRpc } from "./cgminer-client.ts"
import { completeReply, decodeReply, member, type Reply, wholeReply } from "./reply.ts"
import { POLL_RETRY, retryAllowance } from "./retry.ts"

/** The requests of one reading. They go one after the other and share the retries that the caller allows. */
export type RpcSession = {
  /** A complete reply, an error status included. */
  ask: (command: string) => Promise<Outcome<Reply>>
  /** A complete, error-free reply. */
  read: (command: string, parameter?: string) => Promise<Outcome<Reply>>
  /** Several reads, joined into one where this address is known to, or may, understand it; in the order asked. */
  readJoined: (commands: readonly string[]) => Promise<Outcome<Reply[]>>
  /** From opening the first connection to the end of its reply. */
  latencyMs: () => number | null
}

const CANNOT_JOIN_MAX = 20_000
/** Addresses that do not understand joined commands, so that they are asked singly from the start. */
const cannotJoin = new Set<string>()

/** How a family differs from cgminer: the port of its commands, and reads of its own. */
export type RpcDialect = {
  port?: number
  reads?: ReadonlySet<string>
  asText?: boolean
  newline?: boolean
  /** What the machine wants between two requests of one session. */
  pauseMs?: number
}

export function rpcSession(context: DriverContext, dialect: RpcDialect = {}): RpcSession {
  const { host } = context.address
  const port = dialect.port ?? context.address.rpcPort
  const options: RpcOptions = {
    writes: dialect.reads ?? NO_WRITES,
    asText: dialect.asText ?? false,
    newline: dialect.newline ?? false,
  }
  const target = { host, port, signal: context.signal }
  const retries = retryAllowance(context.retry ?? POLL_RETRY, context.signal)
  let latencyMs: number | null = null
  const { pauseMs } = dialect
  let asked = false

  async function once(command: string, parameter: string | undefined): Promise<Outcome<Reply>> {
    const request = parameter === undefined ? { command } : { command, parameter }
    const answer = await requestRpc(target, request, asked && pauseMs ? { ...options, pauseMs } : options)
    asked = true
    if (!answer.ok) return { ok: false, fault: answer.fault }
    latencyMs ??= answer.latencyMs
    const reply = decodeReply(answer.text)
    if (!reply.ok) return reply
    if (reply.value.repairs.length > 0) context.repaired?.(command, reply.value.repairs)
    return completeReply(reply.value, command)
  }

  async function ask(command: string, parameter?: string): Promise<Outcome<Reply>> {
    for (;;) {
      const outcome = await once(command, parameter)
      if (outcome.ok || !(await retries.again(outcome.fault.kind))) return outcome
    }
  }

  async function read(command: string, parameter?: string): Promise<Outcome<Reply>> {
    const reply = await ask(command, parameter)
    return reply.ok ? wholeReply(reply.value, command) : reply
  }

  async function readSingly(commands: readonly string[]): Promise<Outcome<Reply[]>> {
    const replies: Reply[] = []
    for (const command of commands) {
      const reply = await read(command)
      if (!reply.ok) return reply
      replies.push(reply.value)
    }
    return ok(replies)
  }

  async function readJoined(commands: readonly string[]): Promise<Outcome<Reply[]>> {
    const key = `${host}:${port}`
    if (cannotJoin.size > 0 && cannotJoin.has(key)) return readSingly(commands)
    const joined = await read(commands.join("+"))
    if (!joined.ok && joined.fault.kind !== "unsupported") return joined
    const replies = joined.ok ? membersOf(joined.value, commands) : null
    if (replies !== null) {
      for (let at = 0; at < replies.length; at += 1) {
        const whole = wholeReply(replies[at]!, commands[at]!)
        if (!whole.ok) return whole
      }
      return ok(replies)
    }
    if (cannotJoin.size >= CANNOT_JOIN_MAX) cannotJoin.clear()
    cannotJoin.add(key)
    return readSingly(commands)
  }

  return { ask, read, readJoined, latencyMs: () => latencyMs }
}

/** Null unless every command has its part. */
function membersOf(joined: Reply, commands: readonly string[]): Reply[] | null {
  const members: Reply[] = []
  for (const command of commands) {
    const part = member(joined, command)
    if (part === null) return null
    members.push(part)
  }
  return members
}

/** How a write ended: an answer, a dropped connection after the request left, or a failure. */
export type WriteEnd = { ok: true; reply: Reply | null } | RpcFailure

/** Sends one command of the driver's write table, once. `reply` null: the connection dropped without an answer. */
export async function writeOnce(
  context: DriverContext,
  command: string,
  writes: ReadonlySet<string>,
  timeoutMs: number,
  more: { parameter?: string; port?: number; asText?: boolean; newline?: boolean } = {},
): Promise<WriteEnd> {
  const { host, rpcPort } = context.address
  const { parameter, port = rpcPort, asText = false, newline = false } = more
  const answer = await requestRpc(
    { host, port, signal: context.signal },
    parameter === undefined ? { command } : { command, parameter },
    { writes, readTimeoutMs: timeoutMs, asText, newline },
  )
  if (!answer.ok) return answer.dropped ? { ok: true, reply: null } : answer
  const reply = decodeReply(answer.text)
  if (!reply.ok) return { ...reply, sent: true, dropped: false }
  const whole = wholeReply(reply.value, command)
  if (!whole.ok) return { ...whole, sent: reply.value.truncated, dropped: false }
  return { ok: true, reply: whole.value }
}

/** Whether the miner grants privileged commands to this address: code 46, not 45. */
export async function isPrivileged(session: RpcSession): Promise<Outcome<boolean>> {
  const reply = await session.read("privileged")
  if (reply.ok) return ok(reply.value.status.code === 46)
  if (reply.fault.kind === "auth" || reply.fault.kind === "unsupported") return ok(false)
  return fault(reply.fault.kind, reply.fault.message)
}

import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import type { RpcTarget } from "../transport/cgminer-client.ts"
import { number, text } from "../transport/coerce.ts"
import { type FrameAnswer, NO_FRAME, requestFrame } from "../transport/framed-client.ts"
import { commandPort } from "../transport/ports.ts"
import type { Row } from "../transport/reply.ts"
import { POLL_RETRY, retryAllowance } from "../transport/retry.ts"

const FRAME_PORT = 4433
/** Nothing else is asked; none of these wants a login. */
const READS = [
  "get.device.info",
  "get.miner.status",
  "get.miner.setting",
  "get.fan.setting",
  "get.system.setting",
] as const
export type ReadCommand = (typeof READS)[number]

export function frameTarget({ address, signal }: DriverContext): RpcTarget {
  return { host: address.host, port: commandPort(address, FRAME_PORT), signal }
}

/** `msg` of an answer, and the machine's own clock, seconds. */
export type FrameReply = { msg: Row; whenS: number | null }

/** The requests of one reading, one after the other; they share the retries that the caller allows. */
export type FrameSession = {
  read: (cmd: ReadCommand, param?: string) => Promise<Outcome<FrameReply>>
  /** The same; null for what this firmware does not know or does not tell. */
  optional: (cmd: ReadCommand, param?: string) => Promise<Outcome<FrameReply | null>>
  latencyMs: () => number | null
  /** Nobody spoke this protocol the last time: the door is shut, or another protocol sits behind it. */
  isAbsent: () => boolean
}

export function frameSession(context: DriverContext): FrameSession {
  const target = frameTarget(context)
  const retries = retryAllowance(context.retry ?? POLL_RETRY, context.signal)
  let latencyMs: number | null = null
  let absent = false

  async function once(cmd: ReadCommand, param: string | undefined): Promise<Outcome<FrameReply>> {
    const answer = await requestFrame(target, param === undefined ? { cmd } : { cmd, param })
    absent = isAbsent(answer, target.port === context.address.rpcPort)
    if (!answer.ok) return { ok: false, fault: answer.fault }
    latencyMs ??= answer.latencyMs
    return replyOf(answer.body, cmd)
  }

  async function read(cmd: ReadCommand, param?: string): Promise<Outcome<FrameReply>> {
    for (;;) {
      const reply = await once(cmd, param)
      if (reply.ok || !(await retries.again(reply.fault.kind))) return reply
    }
  }

  return {
    read,
    optional: async (cmd, param) => {
      const reply = await read(cmd, param)
      if (reply.ok) return reply
      return reply.fault.kind === "unsupported" || reply.fault.kind === "auth" ? ok(null) : reply
    },
    latencyMs: () => latencyMs,
    isAbsent: () => absent,
  }
}

function isAbsent(answer: FrameAnswer, portIsShared: boolean): boolean {
  if (answer.ok) return false
  return !answer.sent || (portIsShared && answer.fault.message.endsWith(NO_FRAME))
}

export const CODES = { unknown: -2, malformed: -3, denied: -4 } as const

function replyOf(body: Row, cmd: string): Outcome<FrameReply> {
  const code = number(body.code)
  const { msg } = body
  if (code === 0 || code === null)
    return typeof msg === "object" && msg !== null && !Array.isArray(msg)
      ? ok({ msg: msg as Row, whenS: number(body.when) })
      : fault("garbled", `The miner answered ${cmd} without what was asked for.`)
  if (code === CODES.unknown) return fault("unsupported", `The miner does not know ${cmd}.`)
  if (code === CODES.denied) return fault("auth", `The miner does not allow ${cmd}.`)
  const said = typeof msg === "string" ? text(msg, 80) : null
  return fault(
    "unsupported",
    `The miner refused ${cmd} with code ${code}${said === null ? "" : `: "${said}"`}.`,
  )
}

export function member(row: Row | null | undefined, name: string): Row {
  const value = row?.[name]
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : {}
}

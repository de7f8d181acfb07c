import { setTimeout as wait } from "node:timers/promises"
import { READ_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { Fault } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { type Reply, rows } from "../transport/reply.ts"
import { type WriteEnd, writeOnce } from "../transport/rpc-session.ts"
import { type SentWrite, sentByRpc } from "../verified-write.ts"
import { luxRpc, WRITES } from "./rpc.ts"

/**
 * LuxOS lets one caller change things at a time: `logon` gives an id that each write then carries, `logoff` gives it
 * back, and a minute without use ends it. It keeps honest tools out of each other's way and is no security.
 *
 * An id is given back whatever became of the writes, even when the command's own time is up. One that could not be given
 * back is remembered for its address and given back before the next; nobody else's is ever ended. What a collector that
 * died had open ends by itself within the minute.
 */
export type LuxSession = {
  /** One write, its parameter beginning with the id. */
  send: (command: string, args?: readonly string[]) => Promise<SentWrite>
  /** One write that this firmware may want with the id or without it (pools): first without. */
  sendEither: (command: string, args: readonly string[]) => Promise<SentWrite>
}

const WRITE_MS = 10_000
const LOGOFF_MS = 4_000
/** While another holds it: half a minute in all, so that the rest of the command's time is enough to act. */
export const LOGON_PAUSES_MS: readonly number[] = [1_000, 2_000, 3_000, 4_000, 5_000, 5_000, 5_000, 5_000]
const LEFT_MAX = 20_000
/** Ids of ours that could not be given back, by address. */
const left = new Map<string, string>()

const addressOf = ({ address }: DriverContext) => `${address.host}:${address.rpcPort}`

/** Runs `use` with a session and gives it back. `unsent` when none is to be had: then nothing was changed. */
export async function withSession(
  context: DriverContext,
  use: (session: LuxSession) => Promise<SentWrite>,
  pausesMs: readonly number[] = LOGON_PAUSES_MS,
): Promise<SentWrite> {
  await giveBackLeft(context)
  const id = await logOn(context, pausesMs)
  if (typeof id !== "string") return { kind: "unsent", fault: id }
  try {
    return await use(sessionOf(context, id))
  } finally {
    await logOff(context, id)
  }
}

function sessionOf(context: DriverContext, id: string): LuxSession {
  let plainPools = true
  const write = async (command: string, args: readonly string[]): Promise<SentWrite> =>
    sentByRpc(await sendOnce(context, command, args.join(",")))
  return {
    send: (command, args = []) => write(command, [id, ...args]),
    sendEither: async (command, args) => {
      if (plainPools) {
        const end = await sendOnce(context, command, args.join(","))
        if (end.ok || end.sent || !mayWantId(end)) return sentByRpc(end)
        plainPools = false
      }
      return write(command, [id, ...args])
    },
  }
}

/** A refusal that is no plain answer about pools: too many of them, the last one, the one in use. */
function mayWantId(end: WriteEnd): boolean {
  return (
    !end.ok &&
    ["unsupported", "auth"].includes(end.fault.kind) &&
    !/maximum|too many|last pool|active pool/i.test(end.fault.message)
  )
}

const sendOnce = (context: DriverContext, command: string, parameter: string, timeoutMs = WRITE_MS) =>
  writeOnce(context, command, WRITES, timeoutMs, {
    ...(parameter === "" ? {} : { parameter }),
    newline: true,
  })

/** An id, or why there is none. */
async function logOn(context: DriverContext, pausesMs: readonly number[]): Promise<string | Fault> {
  for (let attempt = 0; ; attempt += 1) {
    const end = await sendOnce(context, "logon", "", READ_TIMEOUT_MS)
    if (end.ok) {
      const id = end.reply === null ? null : idOf(end.reply)
      if (id !== null) return id
      return { kind: "garbled", message: "The machine answered the logon without a session." }
    }
    if (end.sent || end.fault.kind !== "unsupported") return end.fault
    const pauseMs = pausesMs[attempt]
    if (pauseMs === undefined) return TAKEN
    try {
      await wait(pauseMs * (0.9 + Math.random() / 5), undefined, { signal: context.signal })
    } catch {
      return TAKEN // the command's time is up
    }
  }
}

const TAKEN: Fault = {
  kind: "busy",
  message: "Another tool holds the machine's session; it ends a minute after its last use.",
}

/** Letters and digits; whatever else stood there would not be sent back inside a parameter. */
function idOf(reply: Reply): string | null {
  const id = rows(reply.body, "SESSION")[0]?.SessionID
  return typeof id === "string" && /^[\w-]{1,64}$/.test(id) ? id : null
}

/** Twice if need be: an id that is gone already is refused, and that is as good. Its time is not the command's. */
async function logOff(context: DriverContext, id: string): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const own = { ...context, signal: AbortSignal.timeout(LOGOFF_MS) }
    const end = await sendOnce(own, "logoff", id, LOGOFF_MS)
    const answered = end.ok ? end.reply !== null : end.fault.kind === "unsupported" && !end.sent
    if (answered) return void left.delete(addressOf(context))
    // Nobody listens: the process that knew the session is down, and the session with it.
    if (!end.ok && !end.sent && end.fault.kind === "refused") return
  }
  if (left.size >= LEFT_MAX) left.delete(left.keys().next().value!)
  left.set(addressOf(context), id)
}

/** Ends a session that this process could not give back, if the machine still has that very one. */
async function giveBackLeft(context: DriverContext): Promise<void> {
  const id = left.get(addressOf(context))
  if (id === undefined) return
  const now = await luxRpc({ ...context, retry: [] }).read("session")
  if (!now.ok) return
  if (idOf(now.value) === id) await logOff(context, id)
  else left.delete(addressOf(context))
}

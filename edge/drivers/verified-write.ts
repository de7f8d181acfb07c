import { setTimeout as wait } from "node:timers/promises"
import type { Fault, Outcome } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "./driver.ts"
import { alreadySo, done, notDone } from "./outcomes.ts"
import type { HttpAnswer } from "./transport/http-client.ts"
import type { WriteEnd } from "./transport/rpc-session.ts"

/**
 * How the sending of one write ended. `refused`: the machine said no in so many words, nothing ran. `unsent`: the request
 * never left, or was turned away at the door. `lost`: it left, and nobody knows.
 */
export type SentWrite =
  | { kind: "accepted"; said?: string }
  | { kind: "refused"; message: string }
  | { kind: "unsent"; fault: Fault }
  | { kind: "lost"; fault: Fault }

/** An HTTP answer as the end of a write; `refusalOf` words a no that came with any status, null where it was a yes. */
export function sentByHttp(
  answer: HttpAnswer,
  refusalOf: (answer: HttpAnswer & { ok: true }) => string | null = statusRefusal,
): SentWrite {
  if (!answer.ok) {
    const { fault, sent, dropped } = answer
    return sent || dropped ? { kind: "lost", fault } : { kind: "unsent", fault }
  }
  const message = refusalOf(answer)
  return message === null ? { kind: "accepted" } : { kind: "refused", message }
}

/** Any status from 300 on is a no, with the beginning of what it said. */
export function statusRefusal(answer: HttpAnswer & { ok: true }): string | null {
  if (answer.status < 300) return null
  const said = answer.text
    .replace(/<[^>]*>|\s+/g, " ")
    .trim()
    .slice(0, 120)
  return `HTTP ${answer.status}${said === "" ? "" : `: ${said}`}`
}

/** The end of a write on a cgminer port; a connection that dropped without an answer is `lost`. */
export function sentByRpc(end: WriteEnd): SentWrite {
  if (end.ok)
    return end.reply === null
      ? {
          kind: "lost",
          fault: { kind: "timeout", message: "The miner dropped the connection without an answer." },
        }
      : { kind: "accepted", said: end.reply.status.message }
  if (end.sent) return { kind: "lost", fault: end.fault }
  return end.fault.kind === "unsupported"
    ? { kind: "refused", message: end.fault.message }
    : { kind: "unsent", fault: end.fault }
}

export type WriteSteps<State> = {
  context: DriverContext
  /** The write in the miner's own terms: `set_miner_conf.cgi`, `PUT /api/v1/…`, `ascset work_mode`. */
  ran: string
  /** Reads what the write is to change. */
  read: () => Promise<Outcome<State>>
  isSo: (state: State) => boolean
  /** The part of the state that `before` and `after` show: no secrets. */
  shown: (state: State) => Record<string, unknown>
  /** Sends the write, once. */
  send: (state: State) => Promise<SentWrite>
  /** What is so afterwards, a sentence without its full stop: `the power mode is eco`. */
  told: string
  /** What else a person should know, a whole sentence. */
  note?: string
  /** Pauses before each reading back, ms; it ends with the first that shows the change. Default 0, 1000, 2000. */
  looksMs?: readonly number[]
  /** The machine is known to answer yes before it has taken the setting, so a reading that shows the old is no refusal. */
  slowToShow?: boolean
}

const LOOKS_MS = [0, 1_000, 2_000]

/**
 * Reads; writes nothing when it is so already; else sends once and reads back. A refusal and a lost answer are settled by
 * what reads back: so is done and verified, not so after a yes is a refusal (or unverified where the family shows it late),
 * not so after a lost answer is a `timeout` with `sent`, which means that nobody knows.
 */
export async function verifiedWrite<State>(steps: WriteSteps<State>): Promise<ActOutcome> {
  const { ran, told, note } = steps
  const first = await steps.read()
  if (!first.ok) return { ok: false, fault: first.fault, sent: false }
  const before = steps.shown(first.value)
  const say = (...sentences: (string | undefined)[]) => sentences.filter(Boolean).join(" ")
  if (steps.isSo(first.value)) return alreadySo(ran, say("It was so already:", `${told}.`, note), before)

  const sent = await steps.send(first.value)
  if (sent.kind === "unsent") return { ok: false, fault: sent.fault, sent: false }
  if (sent.kind === "refused") return notDone("refused", `The miner refused ${ran}: ${sent.message}`)

  const now = await readBack(steps)
  if (now !== null && steps.isSo(now)) {
    const lostNote = sent.kind === "lost" ? "Its answer was lost; it reads back so." : undefined
    return done({
      ran,
      message: say(`${capitalised(told)}.`, note, lostNote),
      verified: true,
      before,
      after: steps.shown(now),
    })
  }
  if (sent.kind === "lost")
    return { ok: false, fault: { kind: "timeout", message: sent.fault.message }, sent: true }
  if (now === null || steps.slowToShow)
    return done({
      ran,
      message: say(
        `The miner accepted it: ${told}.`,
        note,
        now === null ? "It does not answer yet." : "It does not show it yet.",
      ),
      verified: false,
      before,
      after: null,
    })
  return notDone("refused", `The miner answered ${ran} with yes but reads back as before.`)
}

const realPause = (ms: number, signal: AbortSignal) => wait(ms, undefined, { signal })

/** The first state that shows the change, else the last that was read; null when none could be. */
async function readBack<State>(steps: WriteSteps<State>): Promise<State | null> {
  let last: State | null = null
  const { signal, pause = realPause } = steps.context
  for (const pauseMs of steps.looksMs ?? LOOKS_MS) {
    if (pauseMs > 0) {
      try {
        await pause(pauseMs, signal)
      } catch {
        return last // aborted while waiting: what was read stands
      }
    }
    const state = await steps.read()
    if (!state.ok) continue
    last = state.value
    if (steps.isSo(last)) return last
  }
  return last
}

/**
 * A write that cannot be read back and is not repeated: a restart. Accepted, or the connection dropped as it does when the
 * machine goes down (`dropIsYes`), is done and unverified; any other lost answer is a `timeout` with `sent`.
 */
export async function acceptedWrite(steps: {
  ran: string
  send: () => Promise<SentWrite>
  message: string
  before?: Record<string, unknown> | null
  /** A connection that ends without an answer is how this machine says yes. */
  dropIsYes?: boolean
}): Promise<ActOutcome> {
  const { ran, message, before = null } = steps
  const sent = await steps.send()
  const accepted = done({ ran, message, verified: false, before, after: null })
  switch (sent.kind) {
    case "accepted":
      return accepted
    case "refused":
      return notDone("refused", `The miner refused ${ran}: ${sent.message}`)
    case "unsent":
      return { ok: false, fault: sent.fault, sent: false }
    case "lost":
      return steps.dropIsYes && sent.fault.kind === "busy"
        ? accepted
        : { ok: false, fault: { kind: "timeout", message: sent.fault.message }, sent: true }
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

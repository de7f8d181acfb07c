import { setTimeout as wait } from "node:timers/promises"
import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { alreadySo, done, lost, notDone } from "../outcomes.ts"
import type { HttpAnswer } from "../transport/http-client.ts"
import type { Row } from "../transport/reply.ts"
import { type ConfChange, type ConfWords, confWords, isSo, postBody, shown } from "./conf.ts"
import { refusal } from "./refusal.ts"
import { getWeb, sendWeb } from "./web.ts"

/** `told`: what was done, as a sentence without its full stop; `note`: what else a person should know. */
export type ConfPlan = { change: ConfChange; told: string; note?: string }

export const CONF_PAGE = "set_miner_conf.cgi"
export const NO_WORK_MODE =
  "This image's configuration tells no work mode: its page takes a form that resets what is left out."
/** An image that answers before it has written its file has written it by then. */
const SETTLE_MS = 1_000

/** POSTs the whole configuration, once, on a socket of its own. */
export function postConf(context: DriverContext, body: Row): Promise<HttpAnswer> {
  return sendWeb(context, {
    method: "POST",
    path: `/cgi-bin/${CONF_PAGE}`,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    timeoutMs: WRITE_TIMEOUT_MS,
    fresh: true,
  })
}

/**
 * Reads the configuration, lets `plan` decide, posts the whole of it with the change, once, and reads it back. Nothing
 * is written when it is so already. The page answers before the miner reloads (20 to 180 s), and a lost answer says
 * nothing: the configuration that is read back does.
 */
export async function changeConf(
  context: DriverContext,
  plan: (words: ConfWords, conf: Row) => Outcome<ConfPlan>,
): Promise<ActOutcome> {
  const conf = await getWeb(context, "get_miner_conf")
  if (!conf.ok) return { ok: false, fault: conf.fault, sent: false }
  const words = confWords(conf.value)
  const planned = plan(words, conf.value)
  if (!planned.ok) return { ok: false, fault: planned.fault, sent: false }
  const { change, told, note } = planned.value
  const body = postBody(conf.value, change)
  if (body === null) return notDone("unsupported", NO_WORK_MODE)
  const before = shown(words, change)
  const say = (...sentences: (string | undefined)[]) => sentences.filter(Boolean).join(" ")
  if (isSo(words, change))
    return alreadySo("get_miner_conf.cgi", say("It was so already:", `${told}.`, note), before)

  const answer = await postConf(context, body)
  if (!answer.ok && !answer.sent && !answer.dropped) return { ok: false, fault: answer.fault, sent: false }
  if (answer.ok && answer.status === 404)
    return notDone("unsupported", "This miner's web interface has no set_miner_conf.cgi.")
  const refused = answer.ok ? refusal(answer.text) : null
  if (refused !== null) return notDone("refused", `The miner refused the configuration: ${refused}.`)

  const now = await readBack(context, change)
  const accepted = answer.ok && answer.status < 300
  const report = { ran: CONF_PAGE, before }
  if (now === null)
    return accepted
      ? done({
          ...report,
          message: say(`The miner accepted it and reloads: ${told}.`, note, "It does not answer yet."),
          verified: false,
          after: null,
        })
      : lost(answer.ok ? unanswered(answer.status) : answer)
  if (isSo(now, change))
    return done({
      ...report,
      message: say(
        `${capitalised(told)}.`,
        note,
        accepted ? undefined : "Its answer was lost; it reads back so.",
      ),
      verified: true,
      after: shown(now, change),
    })
  if (!answer.ok) return lost(answer)
  return notDone(
    "refused",
    accepted
      ? "The miner took the configuration but reads back another."
      : `The miner answered the configuration with HTTP ${answer.status} and did not take it.`,
  )
}

/** Null when it does not answer. An image may answer the POST a moment before it has written its file. */
async function readBack(context: DriverContext, change: ConfChange): Promise<ConfWords | null> {
  const first = await getWeb(context, "get_miner_conf")
  if (!first.ok) return null
  const words = confWords(first.value)
  if (isSo(words, change)) return words
  try {
    await wait(SETTLE_MS, undefined, { signal: context.signal })
  } catch {
    return words // aborted while waiting: what was read stands
  }
  const second = await getWeb(context, "get_miner_conf")
  return second.ok ? confWords(second.value) : null
}

function unanswered(status: number): HttpAnswer & { ok: false } {
  const message = `The miner answered the configuration with HTTP ${status} and cannot be read back.`
  return { ok: false, fault: { kind: "timeout", message }, sent: true, dropped: false }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export function planned(change: ConfChange, told: string, note?: string): Outcome<ConfPlan> {
  return ok(note === undefined ? { change, told } : { change, told, note })
}

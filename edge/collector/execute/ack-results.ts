import { RESULT_CODES } from "#server/contract/commands.ts"
import type { CommandResult } from "#server/contract/edge.ts"
import type { Log } from "#server/log.ts"
import { createBackoff } from "../client/backoff.ts"
import { asGatewayError, isRevoked } from "../client/gateway-error.ts"
import { createPause } from "../client/pause.ts"
import type { GatewayApi } from "../ports.ts"
import type { Journal } from "./journal.ts"
import { BACKUP_RAN } from "./take-backup.ts"

const RESULTS_A_REQUEST = 100
/** Backups make results large: a request stays well under what the gateway takes, 1 MiB on the wire and 4 inflated. */
const BYTES_A_REQUEST = 786_432
const IDLE_WAIT_MS = 30_000
const SLOW_RETRY_MS = 60_000

export type AckSender = { wake: () => void; finish: (withinMs: number) => Promise<void> }

/** Sends results until the gateway has answered for each, across restarts; a fresh one goes out at once. */
export function startAckSender(options: {
  journal: Journal
  gateway: () => GatewayApi
  log: Log
  random: () => number
}): AckSender {
  const { journal, log } = options
  const abort = new AbortController()
  const pause = createPause(abort.signal)
  const backoff = createBackoff({ baseMs: 500, maxMs: 15_000, random: options.random })
  let finishing = false
  /** One result that the gateway cannot read must not hold the others: after a refusal they go one by one. */
  let oneByOne = 0

  /** The end of a command matters more than its details: what is refused goes once more without them. */
  const refused = (result: CommandResult, reason: string) => {
    const shorter = withoutDetails(result)
    const said = { edge_row: result.id, reason }
    if (shorter === null) {
      log.error(said, "the gateway refuses a result; it is given up")
      journal.acked([result])
    } else {
      log.error(said, "the gateway refuses a result; it is sent without its details")
      journal.shorten(shorter)
    }
  }
  const sendSome = async (): Promise<"more" | "done" | number> => {
    const results = journal.unacked(oneByOne > 0 ? 1 : RESULTS_A_REQUEST, BYTES_A_REQUEST)
    if (results.length === 0) return "done"
    try {
      const answer = await options.gateway().ack(results, abort.signal)
      backoff.reset()
      oneByOne = Math.max(0, oneByOne - 1)
      const answered = new Set(answer.results.map((item) => item.id))
      for (const item of answer.results)
        if (item.state !== "taken")
          log.warn({ edge_row: item.id, state: item.state }, "a result was not wanted")
      journal.acked(results.filter((result) => answered.has(result.id)))
      return answered.size > 0 ? "more" : backoff.nextMs()
    } catch (error) {
      const failure = asGatewayError(error)
      if (failure.code === "ABORTED") return "done"
      if (failure.code === "INVALID" || failure.code === "PAYLOAD_TOO_LARGE") {
        if (results.length > 1) {
          oneByOne = results.length
          return "more"
        }
        refused(results[0] as CommandResult, failure.message)
        return "more"
      }
      log.debug({ error_code: failure.code, reason: failure.message }, "results wait")
      return backoff.nextMs(Math.max(isRevoked(failure) ? SLOW_RETRY_MS : 0, failure.retryAfterMs ?? 0))
    }
  }
  const loop = (async () => {
    while (!abort.signal.aborted) {
      const next = await sendSome().catch((error: unknown) => {
        log.error({ err: error }, "the journal cannot be read or written; results wait")
        return 5_000
      })
      if (finishing && next !== "more") return
      if (next === "more") continue
      await pause.wait(next === "done" ? IDLE_WAIT_MS : next)
    }
  })()
  return {
    wake: pause.wake,
    finish: async (withinMs) => {
      finishing = true
      const timer = setTimeout(() => abort.abort(), withinMs)
      pause.wake()
      await loop
      clearTimeout(timer)
      abort.abort()
    },
  }
}

/** Null when there is nothing to leave out. A backup that cannot be delivered was not taken. */
function withoutDetails(result: CommandResult): CommandResult | null {
  if (result.backup === null && result.before === null && result.after === null) return null
  const lost = result.backup === null ? "" : " The server did not take the backup that was read before."
  const rest = { ...result, backup: null, before: null, after: null }
  if (result.backup !== null && result.ran === BACKUP_RAN)
    return {
      ...rest,
      result_code: RESULT_CODES.FAILED,
      message: "Failed: the server did not take the backup.",
    }
  return { ...rest, message: (result.message + lost).slice(0, 2_000) }
}

import { LONG_POLL_MAX_MS } from "#server/contract/budgets.ts"
import { leasedCommandSchema } from "#server/contract/edge.ts"
import type { Log } from "#server/log.ts"
import { createBackoff } from "../client/backoff.ts"
import { asGatewayError, isRevoked } from "../client/gateway-error.ts"
import { createPause } from "../client/pause.ts"
import type { GatewayApi } from "../ports.ts"
import type { Executor } from "./executor.ts"
import type { Journal } from "./journal.ts"

const SLOW_RETRY_MS = 60_000
const CONFLICT_RETRY_MS = 15_000
/** Between two polls that found nothing, should the gateway not hold them. */
const EMPTY_GAP_MS = 1_000
const POLL_MAX = 500

export type CommandLoop = { uplinkSeen: () => void; stop: () => Promise<void> }

/** Long-polls for commands, as many as can start at once, and hands them to the executor. */
export function startCommandLoop(options: {
  instanceId: string
  gateway: () => GatewayApi
  executor: Executor
  journal: Journal
  log: Log
  random: () => number
  /** The server has a scan to do, or to end. */
  onDiscovery?: () => void
}): CommandLoop {
  const { log, executor } = options
  const stop = new AbortController()
  const pause = createPause(stop.signal)
  const backoff = createBackoff({ baseMs: 500, maxMs: 15_000, random: options.random })

  /** This process has had an answer: what it held before belonged to an earlier one. */
  let answered = false
  const pollOnce = async (): Promise<void> => {
    await executor.freed()
    if (stop.signal.aborted) return
    const began = performance.now()
    const { epoch, seq } = options.journal.position()
    try {
      const answer = await options.gateway().pollCommands(
        {
          instance_id: options.instanceId,
          wait_ms: LONG_POLL_MAX_MS,
          max: Math.min(Math.max(1, executor.free()), POLL_MAX),
          journal_epoch: epoch,
          journal_seq: seq,
          started: !answered,
        },
        stop.signal,
      )
      options.journal.told()
      answered = true
      if (backoff.failures() > 0) log.info("command polls go through again")
      backoff.reset()
      executor.setPaused("poll", answer.paused === true)
      if (answer.discovery === true) options.onDiscovery?.()
      for (const told of answer.commands.toSorted((a, b) => b.priority - a.priority)) {
        const lease = leasedCommandSchema.safeParse(told)
        if (lease.success) executor.accept(lease.data)
        else
          log.error(
            { edge_row: told.id, reason: lease.error.issues[0]?.message },
            "a leased command is not readable; is this collector too old?",
          )
      }
      const tookMs = performance.now() - began
      if (answer.commands.length === 0 && tookMs < EMPTY_GAP_MS) await pause.wait(EMPTY_GAP_MS - tookMs)
    } catch (error) {
      const failure = asGatewayError(error)
      if (failure.code === "ABORTED") return
      const slowMs = isRevoked(failure) ? SLOW_RETRY_MS : failure.code === "CONFLICT" ? CONFLICT_RETRY_MS : 0
      const waitMs = backoff.nextMs(Math.max(slowMs, failure.retryAfterMs ?? 0))
      if (backoff.failures() === 1)
        log.warn(
          { error_code: failure.code, reason: failure.message, retry_in_ms: waitMs },
          "commands cannot be polled",
        )
      await pause.wait(waitMs)
    }
  }
  const loop = (async () => {
    while (!stop.signal.aborted)
      await pollOnce().catch(async (error: unknown) => {
        log.error({ err: error }, "the command loop failed in the collector itself")
        await pause.wait(5_000)
      })
  })()
  return {
    uplinkSeen: () => {
      if (backoff.failures() > 0) pause.wake()
    },
    stop: async () => {
      stop.abort()
      await loop
    },
  }
}

// path: command 6/10
import { leaseCommands } from "#server/commands/lease-commands.ts"
import { type PollAnswer, type PollInput, pollInputSchema } from "#server/contract/edge.ts"
import { hasScanNews } from "#server/discovery/has-scan-news.ts"
import { type GatewayCall, procedure } from "../trpc.ts"

/** Leases that lapse are found by looking, not by a notification; a revoked key ends within this, too. */
const LOOK_EVERY_MS = 5_000

export const poll = procedure
  .input(pollInputSchema)
  .mutation(({ ctx: call, input, signal }) => longPoll(call, input, signal ?? new AbortController().signal))

/** While the kill switch is on: the collector hears of it soon, and asks as seldom as this. */
const PAUSED_WAIT_MS = 2_000

/**
 * Answers as soon as there is a command, a scan to do or to end, or the kill switch moves, else after `wait_ms`; early when the caller leaves or
 * the process stops.
 */
async function longPoll(call: GatewayCall, input: PollInput, signal: AbortSignal): Promise<PollAnswer> {
  const { ctx, hub } = call
  const watch = hub.watchCommands(ctx.actor.kind === "device" ? ctx.actor.deviceId : 0)
  const journal = { epoch: input.journal_epoch, seq: input.journal_seq }
  try {
    const { max, instance_id: instanceId, started } = input
    const first = await leaseCommands(ctx, { max, instanceId, journal, started })
    let answer = first
    let discovery = await hasScanNews(ctx)
    const until = call.startedMs + (first.paused ? Math.min(input.wait_ms, PAUSED_WAIT_MS) : input.wait_ms)
    while (answer.commands.length === 0 && answer.paused === first.paused && !discovery && !signal.aborted) {
      const leftMs = until - performance.now()
      if (leftMs <= 0) break
      await watch.next(Math.min(leftMs, LOOK_EVERY_MS), signal)
      if (signal.aborted) break
      await call.recheckKey()
      answer = await leaseCommands(ctx, { max, instanceId, journal: null })
      discovery = await hasScanNews(ctx)
    }
    const { paused, commands } = answer
    return { server_time: ctx.now().toISOString(), paused, commands, discovery }
  } finally {
    watch.close()
  }
}

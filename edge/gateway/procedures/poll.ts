// path: command 6/10
import { leaseCommands } from "#server/commands/lease-commands.ts"
import { type PollAnswer, type PollInput, pollInputSchema } from "#server/contract/edge.ts"
import { type GatewayCall, procedure } from "../trpc.ts"

/** Leases that lapse are found by looking, not by a notification; a revoked key ends within this, too. */
const LOOK_EVERY_MS = 5_000

export const poll = procedure
  .input(pollInputSchema)
  .mutation(({ ctx: call, input, signal }) => longPoll(call, input, signal ?? new AbortController().signal))

/** Answers as soon as there is a command, else after `wait_ms`; early when the caller leaves or the process stops. */
async function longPoll(call: GatewayCall, input: PollInput, signal: AbortSignal): Promise<PollAnswer> {
  const { ctx, hub } = call
  const until = call.startedMs + input.wait_ms
  const watch = hub.watchCommands(ctx.actor.kind === "device" ? ctx.actor.deviceId : 0)
  const journal = { epoch: input.journal_epoch, seq: input.journal_seq }
  try {
    let commands = await leaseCommands(ctx, { max: input.max, instanceId: input.instance_id, journal })
    while (commands.length === 0 && !signal.aborted) {
      const leftMs = until - performance.now()
      if (leftMs <= 0) break
      await watch.next(Math.min(leftMs, LOOK_EVERY_MS), signal)
      if (signal.aborted) break
      await call.recheckKey()
      commands = await leaseCommands(ctx, { max: input.max, instanceId: input.instance_id, journal: null })
    }
    return { server_time: ctx.now().toISOString(), commands }
  } finally {
    watch.close()
  }
}

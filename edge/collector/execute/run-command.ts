import { storedActionSchema } from "#server/contract/command-parameters.ts"
import { type CommandFeature, featureOf, IDEMPOTENT, RESULT_CODES } from "#server/contract/commands.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import type { Log } from "#server/log.ts"
import { commandExecutionTotal } from "#server/metrics.ts"
import { createPause } from "../client/pause.ts"
import type { EdgeClock } from "../clock.ts"
import { decideLease, EXPIRED } from "./decide.ts"
import type { Finding, Journal } from "./journal.ts"
import type { Leases } from "./leases.ts"
import { locate } from "./locate.ts"
import { act, type PerformContext } from "./perform.ts"
import { type Prepared, prepare } from "./prepare.ts"
import { type Interrupted, resolveUnknown } from "./resolve-unknown.ts"
import { type Verdict, verdict } from "./verdict.ts"

const DISK_RETRY_MS = 5_000

/** `wait`: it has not begun and goes back into the line. */
export type RunEnd = "wait" | "over"

export type Runner = {
  /** One command from its preparation to its result in the journal, which is written before the act, too. */
  run: (lease: LeasedCommand) => Promise<RunEnd>
  /** Looks what became of an act that nobody saw end. */
  lookAfter: (interrupted: Interrupted) => Promise<void>
  /** An end on disk; tries again while the disk takes nothing. */
  finish: (lease: LeasedCommand, found: Verdict, startedMs: number) => Promise<void>
}

export type RunnerOptions = {
  journal: Journal
  leases: Leases
  clock: EdgeClock
  log: Log
  perform: Omit<PerformContext, "journal" | "nowMs">
  onFinished: () => void
  /** A machine was acted on, or may have been. */
  onActed: (minerId: string, feature: CommandFeature) => void
}

/** `stop`: nothing begins any more; `cut`: what runs ends, too. `onLooking`: one more or one less that only looks. */
export function createRunner(
  options: RunnerOptions & {
    isPaused: () => boolean
    onLooking: (more: number) => void
    stop: AbortSignal
    cut: AbortSignal
  },
): Runner {
  const { journal, leases, clock, log, isPaused, stop, cut } = options
  const context = { ...options.perform, journal, nowMs: clock.nowMs }
  const looks = { ...context, signal: stop, pause: createPause(stop) }
  const diskPause = createPause(cut)

  const finish = async (lease: LeasedCommand, found: Verdict, startedMs: number): Promise<void> => {
    const { unclear: _, ...rest } = found
    const finding: Finding = {
      ...rest,
      started_at: new Date(startedMs).toISOString(),
      finished_at: clock.iso(),
    }
    for (;;) {
      try {
        journal.finish(leases.current(lease.id) ?? lease, finding)
        break
      } catch (error) {
        log.error({ err: error, edge_row: lease.id }, "a result cannot be written; trying again")
        if (cut.aborted) return
        await diskPause.wait(DISK_RETRY_MS)
      }
    }
    commandExecutionTotal.inc({ type: lease.type, status: statusOf(found) })
    log.info(
      {
        command_id: lease.command_id,
        edge_row: lease.id,
        miner_id: lease.miner_id,
        type: lease.type,
        result_code: found.result_code,
        ran: found.ran,
        took_ms: Math.round(clock.nowMs() - startedMs),
      },
      found.message,
    )
    options.onFinished()
    const { OK, UNKNOWN } = RESULT_CODES
    if (found.result_code === OK || found.result_code === UNKNOWN) tellActed(lease)
  }
  const tellActed = (lease: LeasedCommand) => {
    const action = storedActionSchema.safeParse({ type: lease.type, parameters: lease.parameters })
    if (action.success) options.onActed(lease.miner_id, featureOf(action.data))
  }

  const run = async (lease: LeasedCommand): Promise<RunEnd> => {
    const acceptedMs = clock.nowMs()
    const prepared = await prepare(context, lease, stop)
    if ("result_code" in prepared) {
      if (!stop.aborted) await finish(lease, prepared, acceptedMs)
      return "over"
    }
    try {
      return await begin(lease, prepared, acceptedMs)
    } finally {
      prepared.done()
    }
  }
  const begin = async (lease: LeasedCommand, prepared: Prepared, acceptedMs: number): Promise<RunEnd> => {
    if (stop.aborted) return "over"
    const newest = leases.current(lease.id) ?? lease
    const late = decideLease(newest, null, { runningHere: false, nowMs: clock.nowMs() })
    if (late.do === "refuse") {
      await finish(newest, verdict(late.code, EXPIRED), acceptedMs)
      return "over"
    }
    if (late.do === "ignore" || isPaused()) {
      log.warn({ edge_row: lease.id }, "the lease ended or a pause began before the act; nothing was done")
      return "wait"
    }
    const startedMs = clock.nowMs()
    journal.start(newest, startedMs, prepared.identity)
    let found = await act(context, lease, prepared, cut)
    if (found.unclear && IDEMPOTENT[lease.type]) found = (await again(lease, prepared)) ?? found
    if (found.unclear && cut.aborted) return "over"
    if (found.unclear && !IDEMPOTENT[lease.type])
      await lookAfter({ lease, startedMs, before: prepared.identity })
    else await finish(lease, found, startedMs)
    return "over"
  }
  /** One more try of what may be repeated, after another look who is there; null when it must not be. */
  const again = async (lease: LeasedCommand, prepared: Prepared): Promise<Verdict | null> => {
    if (stop.aborted || isPaused()) return null
    const located = await locate(context, lease, stop)
    if ("result_code" in located || stop.aborted) return null
    return act(context, lease, { ...prepared, ...located }, cut)
  }
  /** Looking takes minutes and costs nothing, so it takes no place from what acts. */
  const lookAfter = async (interrupted: Interrupted): Promise<void> => {
    options.onLooking(+1)
    try {
      const found = await resolveUnknown(looks, interrupted)
      if (found !== null) await finish(interrupted.lease, found, interrupted.startedMs)
    } finally {
      options.onLooking(-1)
    }
  }

  return { run, lookAfter, finish }
}

function statusOf(found: Verdict): string {
  const name = Object.entries(RESULT_CODES).find(([, value]) => value === found.result_code)?.[0]
  return (name ?? "UNKNOWN").toLowerCase()
}

// path: command 7/10
import { IDEMPOTENT, RESULT_CODES, type ResultCode } from "#server/contract/commands.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import type { Log } from "#server/log.ts"
import { commandExecutionTotal } from "#server/metrics.ts"
import { createPause } from "../client/pause.ts"
import type { EdgeClock } from "../clock.ts"
import { decideLease } from "./decide.ts"
import type { Finding, Journal } from "./journal.ts"
import type { Leases } from "./leases.ts"
import { act, type PerformContext, prepare, type Verdict, verdict } from "./perform.ts"
import { resolveUnknown } from "./resolve-unknown.ts"

/** Actions at the same time; a site's switches and miners take no more. */
export const MAX_RUNNING = 32
const DISK_RETRY_MS = 5_000

export type Executor = {
  /** Takes a lease; the result reaches the journal by itself. */
  accept: (lease: LeasedCommand) => void
  free: () => number
  /** Resolves when a place becomes free, or with the stop. */
  freed: () => Promise<void>
  /** Takes up what a crash left begun; call once, before the first lease. */
  recover: () => void
  /** Starts nothing more, waits for what runs; what is not done by then stays `started` for the next start. */
  stop: (withinMs: number) => Promise<void>
}

/**
 * Runs leased commands: at most one a miner at a time, at most `MAX_RUNNING` in all, each at most once. The journal is
 * written before the act; an act whose end nobody saw is looked after, never repeated.
 */
export function createExecutor(options: {
  journal: Journal
  leases: Leases
  clock: EdgeClock
  log: Log
  perform: Omit<PerformContext, "signal">
  onFinished: () => void
}): Executor {
  const { journal, leases, clock, log } = options
  const stop = new AbortController()
  const pause = createPause(stop.signal)
  const context = { ...options.perform, signal: stop.signal, nowMs: clock.nowMs, pause }
  const running = new Map<string, Promise<void>>()
  const busyMiners = new Set<string>()
  let looking = 0
  const free = () => Math.max(0, MAX_RUNNING - (running.size - looking))

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
        if (stop.signal.aborted) return
        await pause.wait(DISK_RETRY_MS)
      }
    }
    commandExecutionTotal.inc({ type: lease.type, status: statusOf(found.result_code) })
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
  }

  const run = async (lease: LeasedCommand): Promise<void> => {
    const acceptedMs = clock.nowMs()
    const prepared = await prepare(context, lease)
    if (stop.signal.aborted) return
    if ("result_code" in prepared) return finish(lease, prepared, acceptedMs)
    const late = decideLease(leases.current(lease.id) ?? lease, null, {
      runningHere: false,
      nowMs: clock.nowMs(),
    })
    if (late.do === "ignore") {
      log.warn({ edge_row: lease.id }, "the lease ended before the act; nothing was done")
      return
    }
    if (late.do === "refuse") return finish(lease, verdict(late.code, late.message), acceptedMs)
    const startedMs = clock.nowMs()
    journal.start(leases.current(lease.id) ?? lease, startedMs)
    let found = await act(context, prepared)
    if (found.unclear && IDEMPOTENT[lease.type] && !stop.signal.aborted) found = await act(context, prepared)
    if (found.unclear && stop.signal.aborted) return
    if (found.unclear && !IDEMPOTENT[lease.type]) await lookAfter(lease, startedMs)
    else await finish(lease, found, startedMs)
  }
  /** Looking takes minutes and costs nothing, so it takes no place from what acts. */
  const lookAfter = async (lease: LeasedCommand, startedMs: number): Promise<void> => {
    looking += 1
    tellFreed()
    try {
      const found = await resolveUnknown(context, lease, startedMs)
      if (found !== null) await finish(lease, found, startedMs)
    } finally {
      looking -= 1
    }
  }

  /** One miner, one action: holds the miner's place and the lease while `work` runs. */
  const occupy = (lease: LeasedCommand, work: () => Promise<void>) => {
    const minerKey = lease.miner_id.toLowerCase()
    busyMiners.add(minerKey)
    leases.hold(lease)
    const done = work()
      .catch((error) =>
        log.error(
          { err: error, edge_row: lease.id },
          "a command could not be run or journalled; nothing was sent",
        ),
      )
      .finally(() => {
        busyMiners.delete(minerKey)
        leases.release(lease.id)
        running.delete(lease.id)
        tellFreed()
      })
    running.set(lease.id, done)
  }
  let waiters: (() => void)[] = []
  const tellFreed = () => {
    for (const tell of waiters) tell()
    waiters = []
  }

  return {
    accept: (lease) => {
      if (stop.signal.aborted) return
      const entry = journal.find(lease.id)
      const decision = decideLease(lease, entry, {
        runningHere: running.has(lease.id),
        nowMs: clock.nowMs(),
      })
      switch (decision.do) {
        case "ignore":
          log.warn({ edge_row: lease.id, why: decision.why }, "lease ignored")
          return
        case "answer":
          journal.adoptLease(lease)
          options.onFinished()
          return
        case "follow":
          if (entry !== null) journal.adoptLease(lease)
          leases.adopt(lease)
          return
        case "refuse":
          void finish(lease, verdict(decision.code, decision.message), clock.nowMs())
          return
        case "act":
          if (busyMiners.has(lease.miner_id.toLowerCase()))
            void finish(
              lease,
              verdict(RESULT_CODES.BUSY, "Busy: another command is running on this machine."),
              clock.nowMs(),
            )
          else occupy(lease, () => run(lease))
      }
    },
    free,
    freed: () =>
      free() > 0 || stop.signal.aborted
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiters.push(resolve)
          }),
    recover: () => {
      for (const entry of journal.unfinished()) {
        if (IDEMPOTENT[entry.type]) {
          journal.forget(entry.id)
          continue
        }
        log.warn(
          { edge_row: entry.id, miner_id: entry.minerId },
          "a command was interrupted; looking what became of it",
        )
        occupy(entry.lease, () => lookAfter(entry.lease, entry.startedMs))
      }
    },
    stop: async (withinMs) => {
      const timer = setTimeout(() => stop.abort(), withinMs)
      await Promise.all(running.values())
      clearTimeout(timer)
      stop.abort()
      tellFreed()
    },
  }
}

function statusOf(code: ResultCode): string {
  return (Object.entries(RESULT_CODES).find(([, value]) => value === code)?.[0] ?? "UNKNOWN").toLowerCase()
}

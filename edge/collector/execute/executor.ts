// path: command 7/10
import { IDEMPOTENT, RESULT_CODES } from "#server/contract/commands.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import { decideLease, EXPIRED } from "./decide.ts"
import { createRunner, type RunEnd, type RunnerOptions } from "./run-command.ts"
import { verdict } from "./verdict.ts"
import { createWaitingRoom, minerKeyOf } from "./waiting-room.ts"

/** Actions at the same time until the configuration says how many the site's switches and miners take. */
export const DEFAULT_COMMAND_CAP = 32
const COMMAND_CAP_MAX = 500
/** The gateway hands out one command a machine at a time; more than this in line here is a fault of somebody's. */
const WAITING_A_MINER_MAX = 8

/** Who says that nothing may begin; everybody has to take it back. */
export type PauseSource = "config" | "poll"

export type Executor = {
  /** Takes a lease; the result reaches the journal by itself. */
  accept: (lease: LeasedCommand) => void
  free: () => number
  /** Resolves when a place becomes free, while paused (the next poll tells when it ends), or with the stop. */
  freed: () => Promise<void>
  /**
   * The kill switch. What runs goes on to its end; what has not begun stays unanswered, so that it is handed out again
   * after its lease, or begins when the pause ends in time, or ends here as expired.
   */
  setPaused: (source: PauseSource, paused: boolean) => void
  setCap: (cap: number) => void
  /**
   * A machine's line for something that is no command, before the commands that wait for it and whatever the kill switch
   * says: resolves when the one that runs there has ended, with how to give the line back; null at the stop. It takes a
   * place of the cap from the commands and waits for none.
   */
  reserve: (minerId: string) => Promise<(() => void) | null>
  /** Takes up what a crash left begun; call once, before the first lease. */
  recover: () => void
  /** Starts nothing more, waits for what runs; what is not done by then stays `started` for the next start. */
  stop: (withinMs: number) => Promise<void>
}

/**
 * Runs leased commands: at most one a miner at a time, at most the cap in all, each at most once. The journal is
 * written before the act; an act whose end nobody saw is looked after, never repeated.
 */
export function createExecutor(options: RunnerOptions): Executor {
  const { journal, leases, clock, log } = options
  /** Aborted at the stop: nothing begins. `cut` follows for what runs. */
  const stop = new AbortController()
  const cut = new AbortController()
  const room = createWaitingRoom()
  const running = new Map<string, Promise<void>>()
  const busyMiners = new Set<string>()
  /** Who waits for a machine's line, and how many machines are given away. */
  const reservations = new Map<string, ((given: boolean) => void)[]>()
  let reserved = 0
  const pausedBy = new Set<PauseSource>()
  let cap = DEFAULT_COMMAND_CAP
  let looking = 0
  let wakeAtExpiry: NodeJS.Timeout | null = null

  const { run, lookAfter, finish } = createRunner({
    ...options,
    stop: stop.signal,
    cut: cut.signal,
    isPaused: () => pausedBy.size > 0,
    onLooking: (more) => {
      looking += more
      startNext()
    },
  })
  const acting = () => running.size - looking + reserved
  const free = () => {
    const waiting = pausedBy.size > 0 ? 0 : room.live(clock.nowMs())
    return Math.max(0, cap - acting() - waiting)
  }

  /** One miner, one action: holds the miner's place and the lease while `work` runs. */
  const occupy = (lease: LeasedCommand, work: () => Promise<RunEnd>) => {
    busyMiners.add(minerKeyOf(lease))
    leases.hold(lease)
    const done = work()
      .catch((error): RunEnd => {
        log.error(
          { err: error, edge_row: lease.id },
          "a command could not be run or journalled; nothing was sent",
        )
        return "over"
      })
      .then((how) => {
        const newest = leases.current(lease.id) ?? lease
        freeLine(minerKeyOf(lease))
        leases.release(lease.id)
        running.delete(lease.id)
        if (how === "wait") letWait(newest)
        startNext()
      })
    running.set(lease.id, done)
  }
  /** Hands the machine's line to who reserved it, else to the next command. */
  const freeLine = (key: string) => {
    const next = reservations.get(key)?.shift()
    if (reservations.get(key)?.length === 0) reservations.delete(key)
    if (next === undefined) busyMiners.delete(key)
    else next(true)
  }
  const letWait = (lease: LeasedCommand) => {
    room.put(lease)
    if (pausedBy.size === 0) leases.hold(lease)
  }
  const endExpired = () => {
    for (const lease of room.takeExpired(clock.nowMs())) {
      leases.release(lease.id)
      void finish(lease, verdict(RESULT_CODES.SKIPPED, EXPIRED), clock.nowMs())
    }
    if (wakeAtExpiry !== null) clearTimeout(wakeAtExpiry)
    const nextMs = room.nextExpiryMs()
    wakeAtExpiry =
      nextMs === null
        ? null
        : setTimeout(startNext, Math.min(Math.max(nextMs - clock.nowMs(), 10), 3_600_000))
  }
  const startNext = (): void => {
    if (stop.signal.aborted) {
      tellFreed()
      return
    }
    for (const lease of room.all()) room.put(leases.current(lease.id) ?? lease)
    endExpired()
    while (pausedBy.size === 0 && acting() < cap) {
      const lease = room.next(clock.nowMs(), (miner) => busyMiners.has(miner))
      if (lease === null) break
      room.remove(lease.id)
      occupy(lease, () => run(lease))
    }
    tellFreed()
  }
  let waiters: (() => void)[] = []
  const tellFreed = () => {
    if (free() === 0 && pausedBy.size === 0 && !stop.signal.aborted) return
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
          room.remove(lease.id)
          leases.release(lease.id)
          void finish(lease, verdict(decision.code, EXPIRED), clock.nowMs())
          return
        case "act":
          if (!room.has(lease.id) && room.ofMiner(lease.miner_id) >= WAITING_A_MINER_MAX)
            void finish(
              lease,
              verdict(RESULT_CODES.BUSY, "Busy: too many commands wait for this machine."),
              clock.nowMs(),
            )
          else {
            letWait(lease)
            startNext()
          }
      }
    },
    free,
    freed: () =>
      free() > 0 || pausedBy.size > 0 || stop.signal.aborted
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiters.push(resolve)
          }),
    setPaused: (source, paused) => {
      const before = pausedBy.size > 0
      if (paused) pausedBy.add(source)
      else pausedBy.delete(source)
      const now = pausedBy.size > 0
      if (now === before) return
      log.info({ by: source, waiting: room.all().length }, now ? "commands are paused" : "commands go on")
      for (const lease of room.all()) {
        room.put(leases.current(lease.id) ?? lease)
        if (now) leases.release(lease.id)
        else leases.hold(lease)
      }
      startNext()
    },
    setCap: (next) => {
      cap = Math.min(Math.max(1, next), COMMAND_CAP_MAX)
      startNext()
    },
    reserve: async (minerId) => {
      const key = minerId.toLowerCase()
      if (stop.signal.aborted) return null
      if (busyMiners.has(key)) {
        const given = await new Promise<boolean>((resolve) => {
          reservations.set(key, [...(reservations.get(key) ?? []), resolve])
        })
        if (!given) return null
      }
      busyMiners.add(key)
      reserved += 1
      return () => {
        reserved -= 1
        freeLine(key)
        startNext()
      }
    },
    recover: () => {
      for (const { id, type, minerId, lease, startedMs, identityBefore } of journal.unfinished()) {
        if (IDEMPOTENT[type]) {
          journal.forget(id)
          continue
        }
        log.warn({ edge_row: id, miner_id: minerId }, "a command was interrupted; looking what became of it")
        occupy(lease, async () => {
          await lookAfter({ lease, startedMs, before: identityBefore })
          return "over"
        })
      }
    },
    stop: async (withinMs) => {
      stop.abort()
      if (wakeAtExpiry !== null) clearTimeout(wakeAtExpiry)
      for (const lease of room.all()) leases.release(lease.id)
      room.clear()
      for (const waiting of reservations.values()) for (const tell of waiting) tell(false)
      reservations.clear()
      const timer = setTimeout(() => cut.abort(), withinMs)
      await Promise.all(running.values())
      clearTimeout(timer)
      cut.abort()
      tellFreed()
    },
  }
}

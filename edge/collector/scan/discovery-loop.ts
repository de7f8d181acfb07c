import {
  DISCOVERY_MACHINES_MAX,
  type DiscoveryAnswer,
  type DiscoveryInput,
} from "#server/contract/discovery.ts"
import type { Log } from "#server/log.ts"
import { createBackoff } from "../client/backoff.ts"
import { asGatewayError, isRevoked } from "../client/gateway-error.ts"
import { createPause } from "../client/pause.ts"
import type { GatewayApi } from "../ports.ts"
import type { DiscoveryStore } from "./discovery-store.ts"
import type { ScanRunner } from "./scan-runner.ts"

/** While a scan runs its progress is told this often; else the server is asked this often whether there is one. */
const PROGRESS_MS = 2_000
const IDLE_MS = 60_000
const SLOW_RETRY_MS = 60_000

export type DiscoveryLoop = {
  /** The server has something to do, or something was found. */
  wake: () => void
  stop: () => Promise<void>
}

/** Tells what was found until an answer took it off the list, and fetches what to do. */
export function startDiscoveryLoop(options: {
  gateway: () => Pick<GatewayApi, "discovery">
  store: DiscoveryStore
  runner: ScanRunner
  log: Log
  random: () => number
}): DiscoveryLoop {
  const { store, runner, log } = options
  const stop = new AbortController()
  const pause = createPause(stop.signal)
  const backoff = createBackoff({ baseMs: 1_000, maxMs: 30_000, random: options.random })

  /** How long to wait until the next time, ms. */
  const once = async (): Promise<number> => {
    const told = collect(store)
    try {
      const answer = await options.gateway().discovery(told.input, stop.signal)
      backoff.reset()
      store.markSent(told.sent)
      store.dropMoves(told.moves)
      if (told.ends !== null) store.markTold(told.ends)
      follow(answer)
      if (told.more) return 0
      return runner.running() ? PROGRESS_MS : IDLE_MS
    } catch (error) {
      const failure = asGatewayError(error)
      if (failure.code === "ABORTED") return 0
      // An older server does not know the question; a request that it cannot read must not be sent for ever.
      const slow = isRevoked(failure) || failure.code === "NOT_FOUND" || failure.code === "INVALID"
      const waitMs = backoff.nextMs(Math.max(slow ? SLOW_RETRY_MS : 0, failure.retryAfterMs ?? 0))
      if (backoff.failures() === 1)
        log.warn({ error_code: failure.code, reason: failure.message }, "what was found cannot be told")
      return waitMs
    }
  }
  const follow = (answer: DiscoveryAnswer) => {
    for (const scanId of answer.cancelled) {
      runner.cancel(scanId)
      // Nothing here knows of it: it is over.
      if (store.scan()?.job.id !== scanId) unknownHere.add(scanId)
    }
    if (answer.scan !== null) runner.run(answer.scan)
  }
  /** Scans to end that this disk has nothing of. */
  const unknownHere = new Set<string>()
  const endUnknown = async (): Promise<void> => {
    for (const scan_id of unknownHere) {
      unknownHere.delete(scan_id)
      const counts = { total: 0, done: 0, found: 0, unknown: 0, closed: 0, absent: 0 }
      const progress = { scan_id, state: "cancelled" as const, ...counts, per_second: null, error: null }
      await options
        .gateway()
        .discovery({ found: [], unknown: [], moved: [], progress }, stop.signal)
        .catch((error: unknown) =>
          log.warn({ reason: asGatewayError(error).message }, "a scan's end was not told"),
        )
    }
  }
  const loop = (async () => {
    while (!stop.signal.aborted) {
      const waitMs = await once().catch((error: unknown) => {
        log.error({ err: error }, "the discovery loop failed in the collector itself")
        return IDLE_MS
      })
      await endUnknown()
      if (waitMs > 0) await pause.wait(waitMs)
    }
  })()
  return {
    wake: () => pause.wake(),
    stop: async () => {
      stop.abort()
      await loop
    },
  }
}

/** As much as one request takes. The end of a scan goes with the last of what it found. */
export function collect(store: DiscoveryStore) {
  const { machines, devices } = store.unsent(DISCOVERY_MACHINES_MAX)
  const moves = store.moves(DISCOVERY_MACHINES_MAX)
  const more = machines.length === DISCOVERY_MACHINES_MAX || devices.length === DISCOVERY_MACHINES_MAX
  const kept = store.scan()
  const ended = kept !== null && kept.state !== "running"
  const state = kept !== null && ended && !more ? kept.state : "running"
  const progress: DiscoveryInput["progress"] =
    kept === null || kept.told
      ? null
      : {
          scan_id: kept.job.id,
          state,
          ...kept.counts,
          per_second: kept.perSecond,
          error: kept.error,
        }
  return {
    input: {
      found: machines.map(({ scanId, body }) => ({ scan_id: scanId, machine: body })),
      unknown: devices.map(({ scanId, body }) => ({ scan_id: scanId, device: body })),
      moved: moves.map((move) => move.body),
      progress,
    },
    sent: [...machines, ...devices].map((one) => one.seq),
    moves: moves.map((move) => move.seq),
    ends: state !== "running" && progress !== null ? progress.scan_id : null,
    more,
  }
}

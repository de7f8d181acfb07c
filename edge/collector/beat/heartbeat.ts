import { HEARTBEAT_INTERVAL_MS } from "#server/contract/budgets.ts"
import type { HeartbeatInput } from "#server/contract/edge.ts"
import type { Log } from "#server/log.ts"
import { asGatewayError, type GatewayError, isRevoked } from "../client/gateway-error.ts"
import { createPause } from "../client/pause.ts"
import type { ClockSource, EdgeClock } from "../clock.ts"
import type { GatewayApi } from "../ports.ts"

const SLOW_RETRY_MS = 60_000

export type Heartbeat = {
  /** Resolves with the first answer of the gateway, or with the stop. */
  first: Promise<void>
  stop: () => Promise<void>
}

/**
 * Says every 10 s how the collector is, and reads the server's clock off the answer. What goes wrong is told once and
 * then again only when it changes.
 */
export function startHeartbeat(options: {
  gateway: () => GatewayApi
  clock: EdgeClock
  source: ClockSource
  log: Log
  facts: () => Omit<HeartbeatInput, "edge_time">
  /** A beat came through; `configVersion` is the newest one the server has. */
  onBeat: (configVersion: number, signal: AbortSignal) => Promise<void>
}): Heartbeat {
  const { clock, source, log } = options
  const stop = new AbortController()
  const pause = createPause(stop.signal)
  let lastFailure: string | null = null
  let tellFirst: () => void = () => {}
  const first = new Promise<void>((resolve) => {
    tellFirst = resolve
  })

  const beat = async (): Promise<number> => {
    const jump = clock.jumpMs()
    if (jump !== 0) log.warn({ jump_ms: jump }, "the system's clock jumped; samples keep the server's time")
    const sent = source.monotonicMs()
    try {
      const edge_time = new Date(source.wallMs()).toISOString()
      const answer = await options.gateway().heartbeat({ ...options.facts(), edge_time }, stop.signal)
      clock.measure(sent, source.monotonicMs(), Date.parse(answer.server_time))
      if (lastFailure !== null) log.info("the server answers again")
      lastFailure = null
      tellFirst()
      await options.onBeat(answer.config_version, stop.signal)
      return HEARTBEAT_INTERVAL_MS - (source.monotonicMs() - sent)
    } catch (error) {
      const failure = asGatewayError(error)
      if (failure.code === "ABORTED") return 0
      if (lastFailure !== failure.code) log.warn({ error_code: failure.code }, explain(failure))
      lastFailure = failure.code
      const slow = isRevoked(failure) ? SLOW_RETRY_MS : HEARTBEAT_INTERVAL_MS
      return Math.max(slow, failure.retryAfterMs ?? 0)
    }
  }
  const loop = (async () => {
    while (!stop.signal.aborted) await pause.wait(Math.max(500, await beat()))
    tellFirst()
  })()
  return {
    first,
    stop: async () => {
      stop.abort()
      await loop
    },
  }
}

/** What a person can do about it, in one sentence. */
function explain(failure: GatewayError): string {
  switch (failure.code) {
    case "UNAUTHENTICATED":
    case "FORBIDDEN":
      return "The server does not accept this collector's key (revoked?). Reading and spooling go on; enrol again with a new code from the collectors page."
    case "CONFLICT":
      return "Another collector uses this key now. Stop that one, or enrol this one with a code of its own."
    case "UNREACHABLE":
      return `The server cannot be reached (${failure.message}). Reading and spooling go on.`
    default:
      return `The server refused the heartbeat: ${failure.message}`
  }
}

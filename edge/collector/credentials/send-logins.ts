import type { LoginsInput } from "#server/contract/miner-credentials.ts"
import type { Log } from "#server/log.ts"
import { createBackoff } from "../client/backoff.ts"
import { asGatewayError, isRevoked } from "../client/gateway-error.ts"
import type { GatewayApi } from "../ports.ts"
import type { LoginStore, RefusalRow } from "./login-store.ts"
import type { Logins } from "./logins.ts"

/** The gateway takes small bodies here. */
const MINERS_A_REQUEST = 200
const SLOW_RETRY_MS = 60_000
const SOON_MS = 1_000

/** Tells the server which machines refuse their login, and which take one again; each change until it has been heard. */
export type LoginSender = {
  /** Called with every heartbeat. Never rejects. */
  flush: (signal?: AbortSignal) => Promise<void>
  /** There is something to tell: soon, and together with what comes meanwhile. */
  wake: () => void
  stop: () => void
}

type Part = {
  input: Omit<LoginsInput, "instance_id">
  /** Returns the rows that are to be told again. */
  heard: (unknown: readonly string[]) => RefusalRow[]
}

export function createLoginSender(options: {
  logins: Logins
  store: Pick<LoginStore, "resetDue" | "resetDone">
  gateway: () => Pick<GatewayApi, "logins">
  log: Log
  iso: (ms: number) => string
  monotonicMs: () => number
  random: () => number
}): LoginSender {
  const { logins, store, log } = options
  const { refusals } = logins
  const backoff = createBackoff({ baseMs: 5_000, maxMs: 300_000, random: options.random })
  let notBefore = 0
  let toldUnopened = ""
  let running: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null

  /** `later`: what the server cannot place yet, say because the first sample of a machine is still on its way. */
  const next = (later: ReadonlySet<RefusalRow>): Part | null => {
    const reset = store.resetDue()
    if (reset) refusals.tellAll()
    const rows = refusals
      .untold()
      .filter((row) => !later.has(row))
      .slice(0, MINERS_A_REQUEST)
    const unopened = logins.unopened().slice(0, 500)
    const unopenedText = JSON.stringify(unopened)
    const tellUnopened = unopened.length > 0 && unopenedText !== toldUnopened
    if (!reset && rows.length === 0 && !tellUnopened) return null
    return {
      input: {
        reset,
        miners: rows.map(({ minerId, username, sinceMs }) => ({
          miner_id: minerId,
          refused: sinceMs === null ? null : { username: username.slice(0, 64), since: options.iso(sinceMs) },
        })),
        unopened: tellUnopened ? unopened : [],
      },
      heard: (unknown) => {
        if (reset) store.resetDone()
        // That a machine takes a login again is no news to who does not know it.
        const waits = (row: RefusalRow) => row.sinceMs !== null && unknown.includes(row.minerId)
        refusals.told(rows.filter((row) => !waits(row)))
        if (tellUnopened) toldUnopened = unopenedText
        return rows.filter(waits)
      },
    }
  }
  const sendAll = async (signal?: AbortSignal) => {
    const later = new Set<RefusalRow>()
    while (options.monotonicMs() >= notBefore) {
      const part = next(later)
      if (part === null) return
      try {
        const { unknown } = await options.gateway().logins(part.input, signal)
        backoff.reset()
        for (const row of part.heard(unknown)) later.add(row)
      } catch (error) {
        const failure = asGatewayError(error)
        if (failure.code === "ABORTED") return
        // A server that refuses it as such will do so again: it is told anew when it changes.
        if (failure.code === "INVALID") {
          log.error({ reason: failure.message }, "the server refused what became of the machines' logins")
          part.heard([])
          continue
        }
        if (backoff.failures() === 0)
          log.warn({ reason: failure.message }, "refused logins cannot be told yet")
        const least = Math.max(isRevoked(failure) ? SLOW_RETRY_MS : 0, failure.retryAfterMs ?? 0)
        notBefore = options.monotonicMs() + backoff.nextMs(least)
        return
      }
    }
  }
  const flush = (signal?: AbortSignal): Promise<void> => {
    running ??= sendAll(signal).finally(() => {
      running = null
    })
    return running
  }
  return {
    flush,
    wake: () => {
      timer ??= setTimeout(() => {
        timer = null
        void flush()
      }, SOON_MS)
    },
    stop: () => {
      if (timer !== null) clearTimeout(timer)
    },
  }
}

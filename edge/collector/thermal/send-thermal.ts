import { THERMAL_EVENTS_A_REQUEST, type ThermalEvent, type ThermalHold } from "#server/contract/thermal.ts"
import type { Log } from "#server/log.ts"
import { createBackoff } from "../client/backoff.ts"
import { asGatewayError, isRevoked } from "../client/gateway-error.ts"
import { createPause } from "../client/pause.ts"
import type { GatewayApi } from "../ports.ts"
import type { ThermalStore } from "./thermal-store.ts"

/** Without news, the holds are told again this often: a server that was restored from a backup learns of them. */
const IDLE_WAIT_MS = 300_000
const SLOW_RETRY_MS = 60_000

export type ThermalSender = { wake: () => void; finish: (withinMs: number) => Promise<void> }

/** Sends the guard's events until the gateway has them, across restarts, oldest first, with what is held now. */
export function startThermalSender(options: {
  store: Pick<ThermalStore, "events" | "sent">
  holds: () => ThermalHold[]
  gateway: () => Pick<GatewayApi, "thermal">
  log: Log
  random: () => number
}): ThermalSender {
  const { store, log } = options
  const abort = new AbortController()
  const pause = createPause(abort.signal)
  const backoff = createBackoff({ baseMs: 500, maxMs: 15_000, random: options.random })
  let finishing = false
  /** One event that the gateway cannot read must not hold the others: after a refusal they go one by one. */
  let oneByOne = 0
  let heldTold: string | null = null

  const sendSome = async (): Promise<"more" | "done" | number> => {
    const limit = oneByOne > 0 ? 1 : THERMAL_EVENTS_A_REQUEST
    const events = store.events(limit)
    const holds = options.holds()
    const held = JSON.stringify(holds)
    if (events.length === 0 && heldTold === held) return "done"
    try {
      await options.gateway().thermal({ events, holds }, abort.signal)
      backoff.reset()
      oneByOne = Math.max(0, oneByOne - 1)
      heldTold = held
      store.sent(events.map((event) => event.event_id))
      return events.length < limit ? "done" : "more"
    } catch (error) {
      const failure = asGatewayError(error)
      if (failure.code === "ABORTED") return "done"
      if (failure.code === "INVALID" && events.length > 0) {
        if (events.length > 1) oneByOne = events.length
        else giveUp(events[0] as ThermalEvent, failure.message)
        return "more"
      }
      log.debug({ error_code: failure.code, reason: failure.message }, "thermal events wait")
      return backoff.nextMs(Math.max(isRevoked(failure) ? SLOW_RETRY_MS : 0, failure.retryAfterMs ?? 0))
    }
  }
  const giveUp = (event: ThermalEvent, reason: string) => {
    log.error({ event_id: event.event_id, reason }, "the gateway refuses a thermal event; it is given up")
    store.sent([event.event_id])
  }
  const loop = (async () => {
    while (!abort.signal.aborted) {
      const next = await sendSome().catch((error: unknown) => {
        log.error({ err: error }, "the guard's events cannot be read or written; they wait")
        return 5_000
      })
      if (finishing && next !== "more") return
      if (next === "more") continue
      if (next === "done" && (await waitIdle())) heldTold = null
      else if (next !== "done") await pause.wait(next)
    }
  })()
  /** True when nothing woke it. */
  async function waitIdle(): Promise<boolean> {
    const began = performance.now()
    await pause.wait(IDLE_WAIT_MS)
    return performance.now() - began >= IDLE_WAIT_MS
  }
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

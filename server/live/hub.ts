import { selectCommandRequester, selectOwnedMinerIds } from "#db/queries/live.ts"
import { COMMANDS_CHANNEL, LIVE_CHANNEL, type LiveEvent } from "#server/contract/live-events.ts"
import type { Actor } from "../access/actor.ts"
import type { Services } from "../context.ts"
import { type EventFacts, narrowEvent } from "./event-filter.ts"

/**
 * Brings notifications of the database to open pages and long polls of this process: one LISTEN connection for all.
 * After that connection was lost everyone gets `resync`, because what happened meanwhile is unknown.
 */
export type LiveHub = {
  /** Calls `listener` with what the actor may learn, in order. `update` replaces the actor (new roles). */
  subscribe: (actor: Actor, listener: LiveListener) => { update: (actor: Actor) => void; close: () => void }
  /** Ends at the next command for the device, after `timeoutMs`, or with the signal; true: something came. */
  watchCommands: (deviceId: number) => CommandWatch
  close: () => Promise<void>
}
export type LiveListener = (event: LiveEvent | { kind: "resync" }) => void

/** Remembers notifications from the moment it was made, so that none is lost between a look and a wait. */
export type CommandWatch = {
  next: (timeoutMs: number, signal: AbortSignal) => Promise<boolean>
  close: () => void
}

const FACT_TTL_MS = 30_000
const FACTS_MAX = 10_000

export async function openHub(services: Pick<Services, "sql" | "db" | "now" | "log">): Promise<LiveHub> {
  const facts = cachedFacts(services)
  const subscriptions = new Set<{ actor: Actor; listener: LiveListener; last: Promise<void> }>()
  const watches = new Map<number, Set<() => void>>()

  const tell = (event: LiveEvent) => {
    for (const subscription of subscriptions)
      subscription.last = subscription.last.then(async () => {
        try {
          const narrowed = await narrowEvent(subscription.actor, event, facts)
          if (narrowed && subscriptions.has(subscription)) subscription.listener(narrowed)
        } catch (error) {
          services.log.error({ err: error, kind: event.kind }, "a live event could not be told")
        }
      })
  }
  const wake = (deviceId: number) => {
    for (const ring of watches.get(deviceId) ?? []) ring()
  }
  let listening = false
  const resync = () => {
    if (listening) {
      for (const subscription of subscriptions) subscription.listener({ kind: "resync" })
      for (const deviceId of watches.keys()) wake(deviceId)
    }
    listening = true
  }
  const live = await services.sql.listen(
    LIVE_CHANNEL,
    (payload) => tell(JSON.parse(payload) as LiveEvent),
    resync,
  )
  const commands = await services.sql.listen(COMMANDS_CHANNEL, (payload) => wake(Number(payload)))

  return {
    subscribe(actor, listener) {
      const subscription = { actor, listener, last: Promise.resolve() }
      subscriptions.add(subscription)
      return {
        update: (changed) => {
          subscription.actor = changed
        },
        close: () => subscriptions.delete(subscription),
      }
    },
    watchCommands(deviceId) {
      const bell = createBell()
      const rings = watches.get(deviceId) ?? new Set()
      watches.set(deviceId, rings.add(bell.ring))
      return {
        next: bell.next,
        close: () => {
          rings.delete(bell.ring)
          if (rings.size === 0 && watches.get(deviceId) === rings) watches.delete(deviceId)
        },
      }
    },
    async close() {
      subscriptions.clear()
      await Promise.all([live.unlisten(), commands.unlisten()]).catch((error: unknown) =>
        services.log.debug({ err: error }, "the listening connection was gone already"),
      )
    },
  }
}

/** One waiter; a ring while nobody waits is kept for the next wait. */
function createBell(): { ring: () => void; next: CommandWatch["next"] } {
  let rung = false
  let waiter: (() => void) | null = null
  return {
    ring: () => {
      rung = true
      waiter?.()
    },
    next: (timeoutMs, signal) =>
      new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer)
          signal.removeEventListener("abort", end)
          waiter = null
          const came = rung
          rung = false
          resolve(came)
        }
        const timer = setTimeout(end, timeoutMs)
        signal.addEventListener("abort", end, { once: true })
        waiter = end
        if (rung || signal.aborted) end()
      }),
  }
}

/** Ownership is looked up at most every 30 s a client; a command's requester never changes. */
function cachedFacts({ db, now }: Pick<Services, "db" | "now">): EventFacts {
  const owned = new Map<number, { at: number; ids: Promise<ReadonlySet<number>> }>()
  const requesters = new Map<string, Promise<number | null>>()
  return {
    ownedMinerIds(userId) {
      const at = now()
      const known = owned.get(userId)
      if (known && at.getTime() - known.at < FACT_TTL_MS) return known.ids
      const ids = selectOwnedMinerIds(db, userId, at)
      remember(owned, userId, { at: at.getTime(), ids })
      ids.catch(() => owned.delete(userId))
      return ids
    },
    requesterOf(siteId, commandId) {
      const key = `${siteId} ${commandId}`
      const known = requesters.get(key)
      if (known) return known
      const requester = selectCommandRequester(db, siteId, commandId)
      remember(requesters, key, requester)
      requester.catch(() => requesters.delete(key))
      return requester
    },
  }
}

function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key)
  if (map.size >= FACTS_MAX) map.delete(map.keys().next().value as K)
  map.set(key, value)
}

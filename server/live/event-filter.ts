import type { LiveEvent } from "#server/contract/live-events.ts"
import type { Actor } from "../access/actor.ts"
import { levelAt, seesSite } from "../access/permission.ts"
import { levelAtLeast } from "../contract/permissions.ts"

/** What the filter has to look up; both are cached by the hub. */
export type EventFacts = {
  ownedMinerIds: (userId: number) => Promise<ReadonlySet<number>>
  requesterOf: (siteId: number, commandId: string) => Promise<number | null>
}

/**
 * What of an event an actor may learn: the event, one narrowed to his own machines, or null. A client hears of his
 * machines and of telemetry at sites where he has some; whoever sees only his own commands hears of those only.
 */
export async function narrowEvent(
  actor: Actor,
  event: LiveEvent,
  facts: EventFacts,
): Promise<LiveEvent | null> {
  if (actor.kind !== "user" || !seesSite(actor, event.siteId)) return null
  if (actor.account === "client") {
    if (event.kind === "telemetry" || event.kind === "site") return event
    if (event.kind !== "miners" && event.kind !== "command") return null
    const owned = await facts.ownedMinerIds(actor.userId)
    const minerIds = event.minerIds.filter((id) => owned.has(id))
    return minerIds.length > 0 ? { ...event, minerIds } : null
  }
  if (event.kind === "command") {
    const level = levelAt(actor, "REMOTE_CONTROL_AUDIT", event.siteId)
    if (levelAtLeast(level, "READ")) return event
    return (await facts.requesterOf(event.siteId, event.commandId)) === actor.userId ? event : null
  }
  if (event.kind === "approval")
    return levelAtLeast(levelAt(actor, "REMOTE_CONTROL_AUDIT", event.siteId), "READ") ? event : null
  return event
}

import { sql } from "drizzle-orm"
import type { Executor } from "#db/client.ts"
import { COMMANDS_CHANNEL, LIVE_CHANNEL, type LiveEvent } from "#server/contract/live-events.ts"

/** Tells open pages what changed, when the caller's transaction commits. Long lists of machines are told in parts. */
export async function notifyLive(executor: Executor, event: LiveEvent): Promise<void> {
  await executor.execute(sql`select pg_notify(${LIVE_CHANNEL}, part::text)
    from json_array_elements(${JSON.stringify(inParts(event))}::json) part`)
}

/** Wakes the long polls of a device, when the caller's transaction commits. */
export async function notifyCommands(executor: Executor, deviceId: number): Promise<void> {
  await executor.execute(sql`select pg_notify(${COMMANDS_CHANNEL}, ${String(deviceId)})`)
}

/** A payload of NOTIFY has to stay under 8,000 bytes: 500 machine ids a part. */
export function inParts(event: LiveEvent): LiveEvent[] {
  if (!("minerIds" in event) || event.minerIds.length <= 500) return [event]
  const parts: LiveEvent[] = []
  for (let at = 0; at < event.minerIds.length; at += 500)
    parts.push({ ...event, minerIds: event.minerIds.slice(at, at + 500) })
  return parts
}

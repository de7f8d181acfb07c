import type { ActOutcome, DriverContext } from "../driver.ts"
import { alreadySo } from "../outcomes.ts"
import { acceptedWrite } from "../verified-write.ts"
import { writeAxe } from "./web.ts"

const IDENTIFY = "/api/system/identify"
/** The display greets for 30 seconds, and a second request within them ends it. */
const SHOWN_MS = 30_000
const MARKS_MAX = 20_000
/** Until when the display of an address greets, as far as this process made it. */
const greetsUntil = new Map<string, number>()

/** The machine has no light but a display, and does not tell what it shows. */
export async function identifyItself(context: DriverContext, on: boolean): Promise<ActOutcome> {
  const { host, webPort } = context.address
  const key = `${host}:${webPort}`
  const nowMs = context.now?.() ?? Date.now()
  const greets = (greetsUntil.get(key) ?? 0) > nowMs
  if (on === greets)
    return alreadySo(
      "display",
      on ? "Its display greets already." : "Its display greets for 30 seconds at most, and does not now.",
      { greets },
    )
  const outcome = await acceptedWrite({
    ran: `POST ${IDENTIFY}`,
    send: () => writeAxe(context, "POST", IDENTIFY),
    message: on ? "Its display greets for 30 seconds." : "Its display shows what it did before.",
    before: { greets },
  })
  if (!outcome.ok && !outcome.sent) return outcome
  if (greetsUntil.size >= MARKS_MAX) greetsUntil.clear()
  greetsUntil.set(key, on ? nowMs + SHOWN_MS : 0)
  return outcome
}

import { isResting } from "../axeos/settings.ts"
import { getInfo, postRestart, writeAxe } from "../axeos/web.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { alreadySo } from "../outcomes.ts"
import { acceptedWrite, verifiedWrite } from "../verified-write.ts"

/** The chips stop until the board's next start; the web interface stays. */
export function shutDown(context: DriverContext): Promise<ActOutcome> {
  return verifiedWrite({
    context,
    ran: "POST /api/system/shutdown",
    read: () => getInfo(context),
    isSo: (info) => isResting(info) === true,
    shown: (info) => ({ shutdown: isResting(info) }),
    send: () => writeAxe(context, "POST", "/api/system/shutdown"),
    told: "mining is stopped",
    note: "It mines again after its next start.",
    looksMs: [0, 2_000, 2_000],
  })
}

/** Only a restart of the board starts the chips again. */
export async function enable(context: DriverContext): Promise<ActOutcome> {
  const info = await getInfo(context)
  if (!info.ok) return { ok: false, fault: info.fault, sent: false }
  const state = { shutdown: isResting(info.value) }
  if (state.shutdown !== true) return alreadySo("GET /api/system/info", "It was not stopped.", state)
  return acceptedWrite({
    ran: "POST /api/system/restart",
    send: () => postRestart(context),
    message: "The board restarts, and mines again then.",
    before: state,
    dropIsYes: true,
  })
}

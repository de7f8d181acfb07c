import type { ActOutcome, DriverContext } from "../driver.ts"
import { seconds } from "../transport/coerce.ts"
import { acceptedWrite } from "../verified-write.ts"
import { getInfo, postRestart } from "./web.ts"

/** There is one kind of restart, of the whole board; it answers before it goes down, or cuts the line. */
export async function restartBoard(context: DriverContext): Promise<ActOutcome> {
  const info = await getInfo(context)
  return acceptedWrite({
    ran: "POST /api/system/restart",
    send: () => postRestart(context),
    message: "The board restarts; it is back after about ten seconds.",
    before: info.ok ? { uptime_seconds: seconds(info.value.uptimeSeconds) } : null,
    dropIsYes: true,
  })
}

import type { ActOutcome, DriverContext } from "../driver.ts"
import { verifiedWrite } from "../verified-write.ts"
import { isResting } from "./settings.ts"
import { getInfo, writeAxe } from "./web.ts"

/** Pauses or resumes mining while the board stays up; a restart forgets it. */
export function setPaused(context: DriverContext, paused: boolean): Promise<ActOutcome> {
  const path = paused ? "/api/system/pause" : "/api/system/resume"
  return verifiedWrite({
    context,
    ran: `POST ${path}`,
    read: () => getInfo(context),
    isSo: (info) => (isResting(info) ?? false) === paused,
    shown: (info) => ({ paused: isResting(info) }),
    send: () => writeAxe(context, "POST", path),
    told: paused ? "mining is paused" : "the machine mines",
    ...(paused ? { note: "It mines again after its next start." } : {}),
    looksMs: [0, 2_000, 2_000],
  })
}

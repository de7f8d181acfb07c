import type { ActOutcome, DriverContext } from "../driver.ts"
import { boolean, number } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { acceptedWrite, verifiedWrite } from "../verified-write.ts"
import { marathonReads, postMarathon } from "./web.ts"

export async function restart(context: DriverContext, mode: "soft" | "hard"): Promise<ActOutcome> {
  const type = mode === "hard" ? "reboot" : "reload"
  const brief = await marathonReads({ ...context, retry: [] }).object("brief")
  return acceptedWrite({
    ran: `maintenance ${type}`,
    send: () => postMarathon(context, "maintenance", { type, params: {} }),
    message: mode === "hard" ? "The machine accepted the reboot." : "The machine reloads its mining process.",
    before: brief.ok ? { uptime_seconds: number(brief.value.elapsed) } : null,
    dropIsYes: true,
  })
}

export function locate(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return verifiedWrite<Row>({
    context,
    ran: "locate_miner",
    read: () => marathonReads(context).object("locate_miner"),
    isSo: ({ blinking }) => boolean(blinking) === on,
    shown: ({ blinking }) => ({ light: boolean(blinking) }),
    send: () => postMarathon(context, "locate_miner", { blinking: on }),
    told: `the light is ${on ? "on" : "off"}`,
  })
}

import type { ActOutcome, DriverContext } from "../driver.ts"
import { seconds } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { acceptedWrite } from "../verified-write.ts"
import { getOnce, getPage } from "./web.ts"

/** The page is behind the login, so that reading first proves the login and fetches the nonce. */
export async function reboot(context: DriverContext): Promise<ActOutcome> {
  const summary = await getPage(context, "summary")
  if (!summary.ok && summary.fault.kind !== "unsupported")
    return { ok: false, fault: summary.fault, sent: false }
  const row = summary.ok ? rows(summary.value, "SUMMARY")[0] : undefined
  return acceptedWrite({
    ran: "reboot.cgi",
    send: () => getOnce(context, "reboot"),
    message: "The control board takes the reboot.",
    before: { uptime_seconds: seconds(row?.elapsed) },
    dropIsYes: true,
  })
}

import { blackSession } from "../blackminer/rpc.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { seconds } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { acceptedWrite, sentByHttp } from "../verified-write.ts"
import { get, getVolc } from "./web.ts"

/** The page is behind the login, so that reading first proves the login and fetches the nonce. */
export async function reboot(context: DriverContext): Promise<ActOutcome> {
  const info = await getVolc(context, "get_system_info")
  if (!info.ok) return { ok: false, fault: info.fault, sent: false }
  const summary = await blackSession({ ...context, retry: [] }).read("summary")
  const row = summary.ok ? rows(summary.value.body, "SUMMARY")[0] : undefined
  return acceptedWrite({
    ran: "reboot.cgi",
    send: async () => sentByHttp(await get(context, "reboot", true)),
    message: "The control board takes the reboot.",
    before: row === undefined ? null : { uptime_seconds: seconds(row.Elapsed) },
    dropIsYes: true,
  })
}

import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { seconds } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { acceptedWrite } from "../verified-write.ts"
import { sendSet } from "./send.ts"
import { frameSession } from "./session.ts"

/** Neither is repeated; a connection that drops without an answer is how a control board that goes down says yes. */
export async function reboot(
  context: DriverContext,
  { mode }: ActionOf<"REBOOT">["parameters"],
): Promise<ActOutcome> {
  const status = await frameSession({ ...context, retry: [] }).read("get.miner.status", "summary")
  const uptime = status.ok ? seconds(rows(status.value.msg, "summary")[0]?.elapsed) : null
  const hard = mode === "hard"
  return acceptedWrite({
    ran: hard ? "set.system.reboot" : "set.miner.service restart",
    send: () =>
      sendSet(
        context,
        hard ? { cmd: "set.system.reboot", param: null } : { cmd: "set.miner.service", param: "restart" },
      ),
    message: hard ? "The control board reboots." : "The miner starts its mining anew.",
    before: uptime === null ? null : { uptime_seconds: uptime },
    dropIsYes: hard,
  })
}

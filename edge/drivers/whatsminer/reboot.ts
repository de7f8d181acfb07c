import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { seconds } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { acceptedWrite } from "../verified-write.ts"
import { sendWrite } from "./send.ts"

/** Neither is repeated; a connection that drops without an answer is how a control board that goes down says yes. */
export async function reboot(
  context: DriverContext,
  identity: Identity,
  { mode }: ActionOf<"REBOOT">["parameters"],
): Promise<ActOutcome> {
  const cmd = mode === "hard" ? "reboot" : "restart_btminer"
  const summary = await rpcSession({ ...context, retry: [] }).read("summary")
  const uptime = summary.ok ? seconds(rows(summary.value.body, "SUMMARY")[0]?.Elapsed) : null
  return acceptedWrite({
    ran: cmd,
    send: () => sendWrite(context, identity, { cmd }),
    message: mode === "hard" ? "The control board reboots." : "The miner starts its mining anew.",
    before: uptime === null ? null : { uptime_seconds: uptime },
    dropIsYes: mode === "hard",
  })
}

import type { ActOutcome, DriverContext } from "../driver.ts"
import { count } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { acceptedWrite, type SentWrite } from "../verified-write.ts"
import { luxRpc } from "./rpc.ts"
import { withSession } from "./session.ts"

/** `resetminer` starts the mining process anew, `rebootdevice` the control board. Both take their session with them. */
export async function reboot(context: DriverContext, mode: "soft" | "hard"): Promise<ActOutcome> {
  const command = mode === "soft" ? "resetminer" : "rebootdevice"
  const summary = await luxRpc({ ...context, retry: [] }).read("summary")
  const before = summary.ok
    ? { uptime_seconds: count(rows(summary.value.body, "SUMMARY")[0]?.Elapsed) }
    : null
  return acceptedWrite({
    ran: command,
    send: () => withSession(context, async (session) => droppedIsYes(await session.send(command))),
    message:
      mode === "soft"
        ? "The machine starts its mining process anew."
        : "The machine reboots its control board.",
    before,
  })
}

/** The process goes down with the connection: that is how it says yes. */
function droppedIsYes(sent: SentWrite): SentWrite {
  return sent.kind === "lost" && /dropped the connection/.test(sent.fault.message)
    ? { kind: "accepted" }
    : sent
}

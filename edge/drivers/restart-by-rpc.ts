import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { ActOutcome, DriverContext } from "./driver.ts"
import { writeOnce } from "./transport/rpc-session.ts"

/** The one write on port 4028 that this release sends. */
const WRITES: ReadonlySet<string> = new Set(["restart"])

/** `restart` on port 4028, once. Acknowledged, or the connection dropped as it does when the process goes down. */
export async function restartByRpc(
  context: DriverContext,
  before: Record<string, unknown> | null,
): Promise<ActOutcome> {
  const end = await writeOnce(context, "restart", WRITES, WRITE_TIMEOUT_MS)
  if (!end.ok) return { ok: false, fault: end.fault, sent: end.sent }
  const message = end.reply
    ? "The miner acknowledged the restart of its mining process."
    : "The miner dropped the connection to restart its mining process."
  return { ok: true, value: { ran: "restart", message, verified: false, before, after: null } }
}

import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { boolean } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { sentByHttp, verifiedWrite } from "../verified-write.ts"
import { askProgram, sendToProgram } from "./ask.ts"
import { xmrig } from "./programs/xmrig.ts"

/** XMRig's own pause, where its API is not restricted to reading. */
export async function setPaused(context: DriverContext, paused: boolean): Promise<ActOutcome> {
  const now = await summaryOf(context)
  if (!now.ok) return { ok: false, fault: now.fault, sent: false }
  if (boolean(now.value.restricted) === true)
    return notDone("unsupported", "This XMRig only lets its API read: it was started with http-restricted.")
  const method = paused ? "pause" : "resume"
  return verifiedWrite({
    context,
    ran: `json_rpc ${method}`,
    read: () => summaryOf(context),
    isSo: (summary) => boolean(summary.paused) === paused,
    shown: (summary) => ({ paused: boolean(summary.paused) }),
    send: async () =>
      sentByHttp(
        await sendToProgram(context, xmrig, {
          method: "POST",
          path: "/json_rpc",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ jsonrpc: "2.0", id: 1, method }),
          timeoutMs: WRITE_TIMEOUT_MS,
          fresh: true,
        }),
      ),
    told: paused ? "mining is paused" : "the rig mines",
    ...(paused ? { note: "It mines again when the program starts anew." } : {}),
  })
}

async function summaryOf(context: DriverContext): Promise<Outcome<Row>> {
  const told = await askProgram({ ...context, retry: [] }, xmrig)
  if (!told.ok) return told
  return "paused" in told.value.body
    ? ok(told.value.body)
    : fault("unsupported", "This version of XMRig does not tell whether it is paused.")
}

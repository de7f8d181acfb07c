import { fault } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverAction, DriverContext, Identity } from "../driver.ts"
import { featureOfAction } from "../feature-of-action.ts"
import { restartByRpc } from "../restart-by-rpc.ts"
import { count } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { isPrivileged, rpcSession } from "../transport/rpc-session.ts"
import { capabilities } from "./capabilities.ts"

/** A restart of the mining process is all that there is, where the miner grants it. */
export async function act(
  context: DriverContext,
  identity: Identity,
  action: DriverAction,
): Promise<ActOutcome> {
  const can = capabilities(identity).can(featureOfAction(action))
  if (!can.ok) return { ...can, sent: false }
  const session = rpcSession({ ...context, retry: [] })
  const privileged = await isPrivileged(session)
  if (!privileged.ok) return { ...privileged, sent: false }
  if (!privileged.value)
    return {
      ...fault("unsupported", "The miner does not grant this collector privileged commands (api-allow W:)."),
      sent: false,
    }
  const summary = await session.read("summary")
  const elapsed = summary.ok ? count(rows(summary.value.body, "SUMMARY")[0]?.Elapsed) : null
  return restartByRpc(context, summary.ok ? { uptime_seconds: elapsed } : null)
}

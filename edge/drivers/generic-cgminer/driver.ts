import { fault } from "#server/contract/driver-faults.ts"
import type { Driver } from "../driver.ts"
import { featureOfAction } from "../feature-of-action.ts"
import { restartByRpc } from "../restart-by-rpc.ts"
import { count } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { isPrivileged, rpcSession } from "../transport/rpc-session.ts"
import { FAMILY, identify, MAKE } from "./identify.ts"
import { read } from "./read.ts"

const RESTART_ONLY = "A plain cgminer only offers a restart of its mining process."

/** Anything that answers the common cgminer protocol. Writes nothing but `restart`, where the miner grants it. */
export const genericCgminerDriver: Driver = {
  family: FAMILY,
  make: MAKE,
  identify,
  read,
  capabilities: (identity) => ({
    can: (feature) => {
      if (identity.family !== FAMILY)
        return fault("unsupported", `Commands for ${identity.family} come with its own driver.`)
      return feature === "REBOOT.soft" ? { ok: true, value: true } : fault("unsupported", RESTART_ONLY)
    },
  }),
  act: async (context, identity, action) => {
    const can = genericCgminerDriver.capabilities(identity).can(featureOfAction(action))
    if (!can.ok) return { ...can, sent: false }
    const session = rpcSession({ ...context, retry: [] })
    const privileged = await isPrivileged(session)
    if (!privileged.ok) return { ...privileged, sent: false }
    if (!privileged.value)
      return {
        ...fault(
          "unsupported",
          "The miner does not grant this collector privileged commands (api-allow W:).",
        ),
        sent: false,
      }
    const summary = await session.read("summary")
    const elapsed = summary.ok ? count(rows(summary.value.body, "SUMMARY")[0]?.Elapsed) : null
    return restartByRpc(context, summary.ok ? { uptime_seconds: elapsed } : null)
  },
}

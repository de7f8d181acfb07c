import type { Driver, Identity, MinerAddress, TempLimits } from "#edge/drivers/driver.ts"
import { RESULT_CODES } from "#server/contract/commands.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import type { IdentityMap } from "../poll/identity-map.ts"
import { identifyAt } from "../poll/read-miner.ts"
import type { Drivers } from "../ports.ts"
import { checkTarget } from "./check-target.ts"
import { neighbourMac } from "./neighbour-mac.ts"
import { type Verdict, verdict } from "./verdict.ts"

export type LocateContext = {
  drivers: Drivers
  identities: IdentityMap
  /** The limits that the machine's health is judged by. */
  limits: (minerId: string) => TempLimits
  /** It refuses the login that it is tried with; absent: nobody knows. */
  needsLogin?: (minerId: string) => boolean
}
const NEEDS_LOGIN =
  "Rejected: needs login: the machine refuses the login that this collector has, and without one it cannot be told from another. Assign its login on the site's page of machine logins, or try again after somebody mended it."
/** Which machine is meant, as a command names it. */
export type Meant = Pick<LeasedCommand, "miner_id" | "ip_address" | "serial" | "mac">
/** The machine that a command means, met at its address a moment ago. */
export type Located = { address: MinerAddress; identity: Identity; driver: Driver }

export function addressOf(context: LocateContext, lease: Meant): MinerAddress | null {
  const known = context.identities.byId(lease.miner_id)
  if (known?.address != null) return known.address
  return lease.ip_address === null ? null : { host: lease.ip_address, rpcPort: 4028, webPort: 80 }
}

/** Asks who is at the command's address; a verdict when it is nobody, or another machine. Before every write. */
export async function locate(
  context: LocateContext,
  lease: Meant,
  signal: AbortSignal,
): Promise<Located | Verdict> {
  const address = addressOf(context, lease)
  if (address === null) return verdict(RESULT_CODES.FAILED, "Not run: the machine's address is not known.")
  const known = context.identities.byId(lease.miner_id)
  const found = await identifyAt({
    drivers: context.drivers,
    address,
    family: known?.identity?.family ?? null,
    limits: context.limits(lease.miner_id),
    stop: signal,
  })
  if (!found.ok)
    return verdict(
      RESULT_CODES.FAILED,
      `Not run: the machine does not answer (${found.fault.kind}: ${found.fault.message}).`,
    )
  const target = checkTarget({ lease, known, found: found.value, arpMac: () => neighbourMac(address.host) })
  const anonymous = found.value.serial === null && found.value.mac === null
  if (!target.ok && anonymous && context.needsLogin?.(lease.miner_id))
    return verdict(RESULT_CODES.REJECTED, NEEDS_LOGIN)
  if (!target.ok) return verdict(RESULT_CODES.REJECTED, target.message)
  const driver = context.drivers.driverOf(found.value.family)
  if (driver === null) return verdict(RESULT_CODES.SKIPPED, `Skipped: no driver for ${found.value.family}.`)
  return { address, identity: found.value, driver }
}

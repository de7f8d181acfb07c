import type { Outcome } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, MinerSettings } from "../driver.ts"
import { namedPools } from "../pool-slots.ts"
import { keptSettings } from "../saved-settings.ts"
import { readPools, readRunning } from "./settings.ts"

/** Put together from what the machine tells without a login; it tells no passwords of pools. Reads only. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const running = await readRunning(context)
  if (!running.ok) return running
  const present = await readPools(context)
  if (!present.ok) return present
  const { asleep, mode, powerLimitW } = running.value
  return keptSettings(identity, {
    pools: namedPools(present.value).map((pool) => ({ ...pool, pass: "" })),
    power_mode: asleep ? "sleep" : mode,
    raw: { power_limit_w: powerLimitW },
  })
}

import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { namedPools, type PoolEntry, poolsTold, usedPools, wantedPools } from "../pool-slots.ts"
import { changeSettings, poolsOf, readSettings, samePools } from "./settings.ts"

/** All pools, or one of them; the developers' own is not in the settings. */
export async function changePool(
  context: DriverContext,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> {
  const settings = await readSettings(context)
  if (!settings.ok) return { ok: false, fault: settings.fault, sent: false }
  const wanted = wantedPools(poolsOf(settings.value), parameters)
  if (!wanted.ok) return { ok: false, fault: wanted.fault, sent: false }
  return setPools(context, usedPools(wanted.value), poolsTold(wanted.value, parameters))
}

export function setPools(context: DriverContext, pools: PoolEntry[], told: string): Promise<ActOutcome> {
  return changeSettings(context, {
    isSo: (now) => samePools(usedPools(poolsOf(now)), pools),
    shown: (now) => ({ pools: namedPools(poolsOf(now)) }),
    body: () => ({ pools: pools.map((pool, order) => ({ ...pool, order })) }),
    told,
  })
}

import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { type PoolEntry, poolsTold, samePool, wantedPools } from "../pool-slots.ts"
import { planned } from "./change-conf.ts"
import { changerOf } from "./change-legacy.ts"
import type { WebDialect } from "./dialect.ts"

/** All three slots, or one of them: then the others keep address, worker and password. */
export function changePool(
  context: DriverContext,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
  dialect: WebDialect = "modern",
): Promise<ActOutcome> {
  return changerOf(dialect)(context, (words) => {
    const pools = wantedPools(words.pools, parameters)
    if (!pools.ok) return pools
    const newPasswords = pools.value.some((pool, at) => onlyPasswordDiffers(pool, words.pools[at]!))
    const note = newPasswords ? "A password changed." : undefined
    return planned({ pools: pools.value }, poolsTold(pools.value, parameters), note)
  })
}

function onlyPasswordDiffers(one: PoolEntry, other: PoolEntry): boolean {
  return !samePool(one, other) && samePool({ ...one, pass: other.pass }, other)
}

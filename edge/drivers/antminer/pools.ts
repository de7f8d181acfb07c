import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { fillWorkerName } from "../worker-name.ts"
import { changeConf, planned } from "./change-conf.ts"
import { type ConfWords, POOL_SLOTS, type PoolEntry, samePool } from "./conf.ts"

const EMPTY: PoolEntry = { url: "", user: "", pass: "" }
type Parameters = ActionOf<"CHANGE_POOL">["parameters"]

/** All three slots, or one of them: then the others keep address, worker and password. */
export function changePool(context: DriverContext, parameters: Parameters): Promise<ActOutcome> {
  return changeConf(context, (words) => {
    const pools = newPools(words, parameters)
    if (!pools.ok) return pools
    const { pool_number: slot } = parameters
    const told =
      slot === undefined
        ? `the pools are ${pools.value
            .filter((pool) => pool.url !== "")
            .map(named)
            .join(", then ")}`
        : `pool slot ${slot} is ${named(pools.value[slot]!)}`
    const newPasswords = pools.value.some((pool, at) => onlyPasswordDiffers(pool, words.pools[at]!))
    return planned({ pools: pools.value }, told, newPasswords ? "A password changed." : undefined)
  })
}

const named = (pool: PoolEntry) => `${pool.url} as ${pool.user}`

function onlyPasswordDiffers(one: PoolEntry, other: PoolEntry): boolean {
  return !samePool(one, other) && samePool({ ...one, pass: other.pass }, other)
}

function newPools(words: ConfWords, parameters: Parameters): Outcome<PoolEntry[]> {
  const first = words.pools.find((pool) => pool.user !== "")?.user ?? null
  const pools: PoolEntry[] = []
  for (let slot = 0; slot < POOL_SLOTS; slot += 1) {
    const present = words.pools[slot]!
    const chosen =
      parameters.pool_number === undefined
        ? parameters.pools[slot]
        : slot === parameters.pool_number
          ? parameters.pools[0]
          : null
    if (chosen === null) pools.push(present)
    else if (chosen === undefined) pools.push(EMPTY)
    else {
      const user = fillWorkerName(chosen.worker_name, present.user || first)
      if (!user.ok) return user
      pools.push({ url: chosen.url, user: user.value, pass: chosen.password })
    }
  }
  return ok(pools)
}

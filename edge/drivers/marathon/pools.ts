import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { namedPools, type PoolEntry, poolsTold, samePool, usedPools, wantedPools } from "../pool-slots.ts"
import { listAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { changeConfig, poolsOf, readConfig } from "./config.ts"

export async function changePool(
  context: DriverContext,
  parameters: ActionOf<"CHANGE_POOL">["parameters"],
): Promise<ActOutcome> {
  const config = await readConfig(context)
  if (!config.ok) return { ok: false, fault: config.fault, sent: false }
  const wanted = wantedPools(poolsOf(config.value), parameters)
  if (!wanted.ok) return { ok: false, fault: wanted.fault, sent: false }
  const pools = usedPools(wanted.value)
  return changeConfig(context, {
    isSo: (now) => samePools(usedPools(poolsOf(now)), pools),
    shown: (now) => ({ pools: namedPools(poolsOf(now)) }),
    change: (now) => ({ ...now, pools: poolRows(now, pools) }),
    told: poolsTold(wanted.value, parameters),
  })
}

export const samePools = (present: readonly PoolEntry[], wanted: readonly PoolEntry[]) =>
  present.length === wanted.length && wanted.every((pool, at) => samePool(pool, present[at]))

/** Each stays in the group that its slot has, a new one goes into the first group. */
export function poolRows(config: Row, pools: readonly PoolEntry[]): Row[] {
  const present = listAt(config, "pools", 16)
  const first = present[0]?.gid ?? listAt(config, "pool-group", 16)[0]?.gid ?? 0
  return pools.map((pool, at) => ({ ...present[at], ...pool, gid: present[at]?.gid ?? first }))
}

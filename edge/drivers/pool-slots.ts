import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import { fillWorkerName } from "./worker-name.ts"

/** A pool as a machine is set to it; an unused slot has empty texts. */
export type PoolEntry = { url: string; user: string; pass: string }
export const POOL_SLOTS = 3
export const EMPTY_POOL: PoolEntry = { url: "", user: "", pass: "" }
/** What pools take for a password where nobody knows the one that was set. */
export const ANY_PASSWORD = "x"

type Parameters = ActionOf<"CHANGE_POOL">["parameters"]

/**
 * The slots that a command asks for: all three, or one of them, and then the others stay as they are. `{worker}` is
 * filled from the slot's present worker, else from the first that has one.
 */
export function wantedPools(
  present: readonly PoolEntry[],
  { pools, pool_number }: Parameters,
): Outcome<PoolEntry[]> {
  const first = present.find((pool) => pool.user !== "")?.user ?? null
  const wanted: PoolEntry[] = []
  for (let slot = 0; slot < POOL_SLOTS; slot += 1) {
    const now = present[slot] ?? EMPTY_POOL
    const chosen = pool_number === undefined ? pools[slot] : slot === pool_number ? pools[0] : null
    if (chosen === null) wanted.push(now)
    else if (chosen === undefined) wanted.push(EMPTY_POOL)
    else {
      const user = fillWorkerName(chosen.worker_name, now.user || first)
      if (!user.ok) return user
      wanted.push({ url: chosen.url, user: user.value, pass: chosen.password })
    }
  }
  return ok(wanted)
}

const named = (pool: PoolEntry) => `${pool.url} as ${pool.user}`

/** What a command asks for in words: `the pools are …, then …`, `pool slot 1 is …`. */
export function poolsTold(wanted: readonly PoolEntry[], { pool_number }: Parameters): string {
  return pool_number === undefined
    ? `the pools are ${usedPools(wanted).map(named).join(", then ")}`
    : `pool slot ${pool_number} is ${named(wanted[pool_number]!)}`
}

export function usedPools(pools: readonly PoolEntry[]): PoolEntry[] {
  return pools.filter((pool) => pool.url !== "")
}

export function samePool(one: PoolEntry, other: PoolEntry | undefined): boolean {
  return other !== undefined && one.url === other.url && one.user === other.user && one.pass === other.pass
}

/** Slots in order without their passwords; empty ones only where a later one is in use. */
export function namedPools(pools: readonly PoolEntry[]): { url: string; user: string }[] {
  const last = pools.findLastIndex((pool) => pool.url !== "")
  return pools.slice(0, last + 1).map(({ url, user }) => ({ url, user }))
}

/** `host:port`, to compare an address with that of a machine which tells no scheme. */
export function withoutScheme(url: string): string {
  return url
    .replace(/^[a-z0-9+]+:\/\//i, "")
    .replace(/\/+$/, "")
    .toLowerCase()
}

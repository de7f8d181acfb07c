import type { ActionOf } from "#server/contract/command-parameters.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { EMPTY_POOL, type PoolEntry, poolsTold, wantedPools } from "../pool-slots.ts"
import type { Row } from "../transport/reply.ts"
import { poolsOf, SLOTS } from "./settings.ts"
import { store } from "./store.ts"
import { getInfo } from "./web.ts"

type Parameters = ActionOf<"CHANGE_POOL">["parameters"]

/** A pool to be stored in a slot; null leaves the slot alone. */
export type PoolChange = (PoolEntry | null)[]

/** The pool and its fallback, or one of them. They count from the next start, so the board restarts. */
export async function changePool(context: DriverContext, parameters: Parameters): Promise<ActOutcome> {
  if (parameters.pools.length > SLOTS || (parameters.pool_number ?? 0) >= SLOTS)
    return notDone("unsupported", "This machine has two slots: the pool and its fallback.")
  const info = await getInfo(context)
  if (!info.ok) return { ok: false, fault: info.fault, sent: false }
  const wanted = wantedPools(entriesOf(info.value), parameters)
  if (!wanted.ok) return { ok: false, fault: wanted.fault, sent: false }
  const { pool_number } = parameters
  const change = wanted.value
    .slice(0, SLOTS)
    .map((pool, slot) => (pool_number === undefined || pool_number === slot ? pool : null))
  const patch = poolPatch(change, info.value)
  if (!patch.ok) return { ok: false, fault: patch.fault, sent: false }
  return store({
    context,
    isSo: (now) => arePools(now, change),
    shown: shownPools,
    patch: () => patch.value,
    told: poolsTold(wanted.value.slice(0, SLOTS), parameters),
    note: "It does not tell its passwords, so these were not compared.",
    restart: true,
  })
}

export function entriesOf(info: Row): PoolEntry[] {
  return poolsOf(info).map((pool) =>
    pool === null ? EMPTY_POOL : { url: pool.url, user: pool.user ?? "", pass: "" },
  )
}

/** Passwords are not told, so that they are not compared. */
export function arePools(info: Row, change: PoolChange): boolean {
  const now = entriesOf(info)
  return change.every((pool, slot) => {
    if (pool === null) return true
    const present = now[slot] ?? EMPTY_POOL
    return pool.url === "" ? present.url === "" : present.url === pool.url && present.user === pool.user
  })
}

export const shownPools = (info: Row) => ({
  pools: entriesOf(info)
    .filter((pool) => pool.url !== "")
    .map(({ url, user }) => ({ url, user })),
})

/** The keys of the settings for these pools; a transport that this firmware does not tell it has is not set. */
export function poolPatch(change: PoolChange, info: Row): Outcome<Row> {
  const patch: Row = {}
  for (const [slot, pool] of change.entries()) {
    if (pool === null) continue
    const prefix = slot === 0 ? "stratum" : "fallbackStratum"
    if (pool.url === "") {
      Object.assign(patch, { [`${prefix}URL`]: "", [`${prefix}User`]: "", [`${prefix}Password`]: "" })
      continue
    }
    const parts = /^stratum\+(tcp|ssl):\/\/\[?([^\]/]+?)\]?:(\d+)\/?$/.exec(pool.url)
    if (parts === null)
      return fault(
        "unsupported",
        `${pool.url} is not set here: this machine takes stratum+tcp:// and stratum+ssl://.`,
      )
    const [, transport, host, port] = parts
    const tlsKey = `${prefix}TLS`
    if (transport === "ssl" && !(tlsKey in info))
      return fault("unsupported", "This firmware knows no encrypted connection to that pool slot.")
    Object.assign(patch, {
      [`${prefix}URL`]: host,
      [`${prefix}Port`]: Number(port),
      [`${prefix}User`]: pool.user,
      [`${prefix}Password`]: pool.pass,
      ...(tlsKey in info ? { [tlsKey]: transport === "ssl" ? 1 : 0 } : {}),
    })
  }
  return ok(patch)
}

import type { PoolSample } from "#server/contract/telemetry.ts"
import { boolean, count, number, text } from "./transport/coerce.ts"
import type { Row } from "./transport/reply.ts"

/** Pools in the miner's order, the active one marked; without `Stratum Active`, the alive one of the first priority. */
export function mapPools(rows: readonly Row[]): PoolSample[] {
  const told = tellsActive(rows)
  const inUse = told ? null : firstAlive(rows)
  const pools: PoolSample[] = []
  for (const row of rows) {
    const url = text(row.URL ?? row.url, 512)
    if (url === null) continue
    pools.push({
      url,
      user: text(row.User ?? row.user, 256),
      status: text(row.Status ?? row.status, 32)?.toLowerCase() ?? null,
      active: told ? boolean(row["Stratum Active"]) === true : row === inUse,
    })
  }
  return pools
}

function tellsActive(rows: readonly Row[]): boolean {
  for (const row of rows) if (boolean(row["Stratum Active"]) !== null) return true
  return false
}

function firstAlive(rows: readonly Row[]): Row | null {
  let first: Row | null = null
  let least = Number.POSITIVE_INFINITY
  for (const row of rows) {
    if (String(row.Status ?? row.status).toLowerCase() !== "alive") continue
    const priority = number(row.Priority ?? row.priority) ?? Number.MAX_SAFE_INTEGER
    if (priority >= least) continue
    first = row
    least = priority
  }
  return first
}

/** A counter summed over all pools; null unless every pool tells it. */
export function sumOverPools(rows: readonly Row[], key: string): number | null {
  let sum = 0
  for (const row of rows) {
    const value = count(row[key] ?? row[key.toLowerCase()])
    if (value === null) return null
    sum += value
  }
  return rows.length === 0 ? null : count(sum)
}

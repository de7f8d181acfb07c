import { number, positive, tempC } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"

/** Braiins wraps figures in their unit: `{"watt":3031}`, `{"value":110}`, or leaves them bare. */

export const rowOf = (value: unknown): Row =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : {}

export function listOf(value: unknown): Row[] {
  const list: Row[] = []
  if (!Array.isArray(value)) return list
  for (const each of value) if (typeof each === "object" && each !== null) list.push(rowOf(each))
  return list
}

/** What stands in the wrapper, under one of these names or `value`; a bare value is itself. */
export function unwrapped(value: unknown, ...names: string[]): unknown {
  if (typeof value !== "object" || value === null) return value
  const row = rowOf(value)
  return [...names, "value"].map((name) => row[name]).find((each) => each !== undefined)
}

const HASHRATE: readonly (readonly [unit: string, factor: number])[] = [
  ["gigahash_per_second", 1],
  ["terahash_per_second", 1e3],
  ["megahash_per_second", 1e-3],
  ["petahash_per_second", 1e6],
  ["kilohash_per_second", 1e-6],
  ["hash_per_second", 1e-9],
]

export function ghs(value: unknown): number | null {
  const row = rowOf(value)
  for (const [unit, factor] of HASHRATE) {
    const rate = positive(row[unit])
    if (rate !== null) return rate * factor
  }
  return null
}

export const watts = (value: unknown): number | null => number(unwrapped(value, "watt"))
export const celsius = (value: unknown): number | null => tempC(unwrapped(value, "degree_c"))
export const volts = (value: unknown): number | null => number(unwrapped(value, "volt"))
export const count = (value: unknown): number | null => number(unwrapped(value))

/** MHz of hertz, kilohertz or megahertz; a bare figure beyond any chip is hertz. */
export function mhz(value: unknown): number | null {
  const row = rowOf(value)
  const hertz = positive(row.hertz)
  if (hertz !== null) return hertz > 0 ? hertz / 1e6 : null
  const bare = positive(unwrapped(value, "megahertz"))
  if (bare === null || bare === 0) return null
  return bare > 100_000 ? bare / 1e6 : bare
}

import type { Reading } from "./driver.ts"
import type { Row } from "./transport/reply.ts"

/** Members of a reading that are one number. */
export type NumberField =
  | "hashrate_ghs"
  | "hashrate_5s_ghs"
  | "hashrate_expected_ghs"
  | "temperature_avg"
  | "temperature_min"
  | "temperature_max"
  | "temperature_inlet"
  | "frequency_avg"
  | "voltage_avg"
  | "accepted_shares"
  | "rejected_shares"
  | "stale_shares"
  | "hardware_errors"
  | "uptime_seconds"
  | "power_consumption"

/** Where a value stands: the command whose row holds it, its key, how to read it, and the factor to our unit. */
export type FieldSource<Command extends string> = {
  from: Command
  key: string
  as: (value: unknown) => number | null
  scale?: number
}

/** A family's numbers: for each, its sources in order of preference; the first that holds a value counts. */
export type FieldTable<Command extends string> = Partial<Record<NumberField, readonly FieldSource<Command>[]>>

export type NumberFields = Partial<Pick<Reading, NumberField>>

/** Reads what the table names from the rows of the replies. Fields without a value are left out. */
export function readFields<Command extends string>(
  table: FieldTable<Command>,
  rows: Record<Command, Row | undefined>,
): NumberFields {
  const out: NumberFields = {}
  for (const { field, sources } of linesOf(table)) {
    for (const { from, key, as, scale } of sources) {
      const row = rows[from as Command]
      if (row === undefined) continue
      const value = as(row[key])
      if (value === null) continue
      out[field] = scale === undefined ? value : value * scale
      break
    }
  }
  return out
}

type Line = { field: NumberField; sources: readonly FieldSource<string>[] }

/** Tables taken apart once, since each is read at every poll of its family. */
const lines = new WeakMap<object, readonly Line[]>()

function linesOf(table: FieldTable<string>): readonly Line[] {
  const kept = lines.get(table)
  if (kept !== undefined) return kept
  const made = Object.entries(table).map(([field, sources]) => ({ field: field as NumberField, sources }))
  lines.set(table, made)
  return made
}

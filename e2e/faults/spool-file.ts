import { existsSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import zlib from "node:zlib"
import type { TelemetryBatch, TelemetrySample } from "#server/contract/telemetry.ts"

/** Every sample that lies in a collector's spool now, read beside the running collector. */
export function spooledSamples(file: string): TelemetrySample[] {
  if (!existsSync(file)) return []
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
  try {
    const open = db.prepare("SELECT sample FROM open_samples").all() as { sample: string }[]
    const batches = db.prepare("SELECT payload FROM batches").all() as { payload: Uint8Array }[]
    return [
      ...open.map((row) => JSON.parse(row.sample) as TelemetrySample),
      ...batches.flatMap(
        (row) => (JSON.parse(zlib.zstdDecompressSync(row.payload).toString()) as TelemetryBatch).samples,
      ),
    ]
  } finally {
    db.close()
  }
}

/** What makes a sample itself: the machine and its moment. */
export function sampleKey(sample: Pick<TelemetrySample, "miner_id" | "collected_at">): string {
  return `${sample.miner_id.toLowerCase()} ${new Date(sample.collected_at).toISOString()}`
}

/** How many samples a collector put aside as refused by the gateway. */
export function quarantinedSamples(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
  try {
    return (db.prepare("SELECT count(*) AS n FROM quarantine").get() as { n: number }).n
  } finally {
    db.close()
  }
}

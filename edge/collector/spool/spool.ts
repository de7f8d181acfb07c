// path: telemetry 2/8
import type { DatabaseSync } from "node:sqlite"
import zlib from "node:zlib"
import type { HeartbeatInput } from "#server/contract/edge.ts"
import type { TelemetryBatch, TelemetrySample } from "#server/contract/telemetry.ts"
import { openDatabase, transact } from "../state/open-database.ts"
import { type Lane, laneWindow } from "./lanes.ts"
import { SPOOL_SCHEMA } from "./schema.ts"
import { uuidV7 } from "./uuid-v7.ts"

export const SPOOL_BATCH_SAMPLES = 500
export const SPOOL_MAX_AGE_MS = 24 * 3_600_000
const QUARANTINE_MAX_SAMPLES = 10_000

export type SpooledBatch = { seq: number; attempts: number; batch: TelemetryBatch }
export type Rejected = { index: number; reason: string; message: string }
export type SpoolDepth = HeartbeatInput["spool"]

/**
 * The disk between reading and upload. Everything here is synchronous and durable when it returns (WAL, FULL).
 * Writes throw SQLite's error when the disk is full; nothing is then half written.
 */
export type Spool = {
  /** Puts samples on disk. They belong to no batch yet. */
  write: (samples: TelemetrySample[]) => void
  openCount: () => number
  /**
   * Turns open samples into batches of at most 500 with each miner once; `onlyFull` leaves a remainder open that
   * still has room. Returns how many were made.
   */
  seal: (options: { onlyFull: boolean }) => number
  /** The batch that this lane sends next; null when it has none. A batch whose payload cannot be read is quarantined. */
  next: (lane: Lane, horizonMs: number) => SpooledBatch | null
  /** The gateway has it (or had it): deletes the batch and keeps the rejected samples in quarantine. */
  finish: (entry: SpooledBatch, rejected: Rejected[]) => void
  /** The gateway will never take it whole: two halves with ids of their own, or quarantine when it is one sample. */
  splitOrQuarantine: (entry: SpooledBatch, reason: string, message: string) => void
  /** Counts a failed try and lets others go first until then. */
  postpone: (entry: SpooledBatch, notBeforeMs: number) => void
  /** Drops what is too old and, oldest first, what does not fit; returns how many samples that cost now. */
  enforceBounds: (keep: ReadonlySet<number>) => number
  depth: () => SpoolDepth
  /** Small numbers that survive a restart, e.g. the clock's offset. */
  counter: (name: string) => number
  setCounter: (name: string, value: number) => void
  close: () => void
}

export type OpenedSpool = { spool: Spool; movedAside: string | null; created: boolean }

export function openSpool(options: {
  file: string
  edgeVersion: string
  maxBytes: number
  nowMs: () => number
}): OpenedSpool {
  const opened = openDatabase(options.file, SPOOL_SCHEMA)
  return {
    spool: createSpool(opened.db, options),
    movedAside: opened.movedAside,
    created: opened.created,
  }
}

type BatchRow = { seq: number; batch_id: string; samples: number; attempts: number; payload: Uint8Array }

function createSpool(
  db: DatabaseSync,
  options: { edgeVersion: string; maxBytes: number; nowMs: () => number },
): Spool {
  const { nowMs } = options
  const sql = {
    addOpen: db.prepare("INSERT INTO open_samples (collected_ms, miner_key, sample) VALUES (?, ?, ?)"),
    takeOpen: db.prepare("SELECT id, collected_ms, miner_key, sample FROM open_samples ORDER BY id LIMIT ?"),
    listOpen: db.prepare("SELECT miner_key FROM open_samples ORDER BY id"),
    dropOpen: db.prepare("DELETE FROM open_samples WHERE id <= ?"),
    countOpen: db.prepare(
      "SELECT count(*) AS n, coalesce(sum(length(sample)), 0) AS bytes, min(collected_ms) AS oldest FROM open_samples",
    ),
    addBatch: db.prepare(
      "INSERT INTO batches (batch_id, collected_ms, samples, bytes, payload) VALUES (?, ?, ?, ?, ?)",
    ),
    next: db.prepare(
      `SELECT seq, batch_id, samples, attempts, payload FROM batches
       WHERE collected_ms >= ? AND collected_ms < ? AND not_before_ms <= ? ORDER BY collected_ms, seq LIMIT 1`,
    ),
    drop: db.prepare("DELETE FROM batches WHERE seq = ?"),
    postpone: db.prepare("UPDATE batches SET attempts = attempts + 1, not_before_ms = ? WHERE seq = ?"),
    oldest: db.prepare(
      "SELECT seq, collected_ms, samples, bytes FROM batches ORDER BY collected_ms, seq LIMIT ?",
    ),
    totals: db.prepare(
      `SELECT count(*) AS batches, coalesce(sum(samples), 0) AS samples, coalesce(sum(bytes), 0) AS bytes,
       min(collected_ms) AS oldest FROM batches`,
    ),
    quarantine: db.prepare(
      "INSERT INTO quarantine (batch_id, reason, message, quarantined_ms, sample) VALUES (?, ?, ?, ?, ?)",
    ),
    countQuarantine: db.prepare("SELECT count(*) AS n FROM quarantine"),
    trimQuarantine: db.prepare("DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - ?"),
    readCounter: db.prepare("SELECT value FROM counters WHERE name = ?"),
    writeCounter: db.prepare(
      "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    ),
  }
  const openMiners = new Set<string>()
  let openSamples = 0
  let minerTwice = false
  const noteOpen = (minerKey: string) => {
    openSamples += 1
    if (openMiners.has(minerKey)) minerTwice = true
    openMiners.add(minerKey)
  }
  const recountOpen = () => {
    openMiners.clear()
    openSamples = 0
    minerTwice = false
    for (const row of sql.listOpen.iterate() as Iterable<{ miner_key: string }>) noteOpen(row.miner_key)
  }
  recountOpen()

  const counter = (name: string) => (sql.readCounter.get(name) as { value: number } | undefined)?.value ?? 0
  const insertBatch = (samplesJson: string[], collectedMs: number) => {
    const batchId = uuidV7(nowMs())
    const head = JSON.stringify({
      batch_id: batchId,
      collected_at: new Date(collectedMs).toISOString(),
      edge_version: options.edgeVersion,
    })
    const payload = zlib.zstdCompressSync(`${head.slice(0, -1)},"samples":[${samplesJson.join(",")}]}`)
    sql.addBatch.run(batchId, collectedMs, samplesJson.length, payload.length, payload)
  }
  const keepInQuarantine = (batchId: string, reason: string, message: string, sample: string) =>
    sql.quarantine.run(batchId, reason, message.slice(0, 500), nowMs(), sample)

  return {
    write: (samples) => {
      if (samples.length === 0) return
      transact(db, () => {
        for (const sample of samples)
          sql.addOpen.run(Date.parse(sample.collected_at), keyOf(sample), JSON.stringify(sample))
      })
      for (const sample of samples) noteOpen(keyOf(sample))
    },
    openCount: () => openSamples,
    seal: ({ onlyFull }) => {
      let made = 0
      while (openSamples >= SPOOL_BATCH_SAMPLES || minerTwice || (!onlyFull && openSamples > 0)) {
        transact(db, () => {
          const rows = untilRepeated(sql.takeOpen.all(SPOOL_BATCH_SAMPLES) as OpenRow[])
          insertBatch(
            rows.map((row) => row.sample),
            rows.reduce((newest, row) => Math.max(newest, row.collected_ms), 0),
          )
          sql.dropOpen.run(rows.at(-1)?.id ?? 0)
        })
        recountOpen()
        made += 1
      }
      return made
    },
    next: (lane, horizonMs) => {
      const window = laneWindow(lane, nowMs(), horizonMs)
      for (;;) {
        const row = sql.next.get(
          window.atLeastMs ?? 0,
          window.olderThanMs ?? Number.MAX_SAFE_INTEGER,
          nowMs(),
        ) as BatchRow | undefined
        if (row === undefined) return null
        const batch = readPayload(row)
        if (batch !== null) return { seq: row.seq, attempts: row.attempts, batch }
        transact(db, () => {
          keepInQuarantine(row.batch_id, "unreadable", `${row.samples} samples`, "null")
          sql.drop.run(row.seq)
        })
      }
    },
    finish: (entry, rejected) =>
      transact(db, () => {
        for (const item of rejected) {
          const sample = entry.batch.samples[item.index]
          if (sample !== undefined)
            keepInQuarantine(entry.batch.batch_id, item.reason, item.message, JSON.stringify(sample))
        }
        sql.drop.run(entry.seq)
        if (rejected.length > 0) sql.trimQuarantine.run(QUARANTINE_MAX_SAMPLES)
      }),
    splitOrQuarantine: (entry, reason, message) =>
      transact(db, () => {
        const { samples, batch_id, collected_at } = entry.batch
        sql.drop.run(entry.seq)
        if (samples.length <= 1) {
          for (const sample of samples) keepInQuarantine(batch_id, reason, message, JSON.stringify(sample))
          sql.trimQuarantine.run(QUARANTINE_MAX_SAMPLES)
          return
        }
        const middle = Math.ceil(samples.length / 2)
        for (const half of [samples.slice(0, middle), samples.slice(middle)])
          insertBatch(
            half.map((sample) => JSON.stringify(sample)),
            Date.parse(collected_at),
          )
      }),
    postpone: (entry, notBeforeMs) => {
      sql.postpone.run(Math.round(notBeforeMs), entry.seq)
    },
    enforceBounds: (keep) => {
      let dropped = 0
      transact(db, () => {
        const totals = sql.totals.get() as { bytes: number }
        let bytes = totals.bytes
        const tooOld = nowMs() - SPOOL_MAX_AGE_MS
        for (;;) {
          const rows = sql.oldest.all(50 + keep.size) as {
            seq: number
            collected_ms: number
            samples: number
            bytes: number
          }[]
          const doomed = rows.filter((row) => !keep.has(row.seq))
          let removed = 0
          for (const row of doomed) {
            if (row.collected_ms >= tooOld && bytes <= options.maxBytes) break
            sql.drop.run(row.seq)
            bytes -= row.bytes
            dropped += row.samples
            removed += 1
          }
          if (removed === 0 || removed < doomed.length) break
        }
        if (dropped > 0) sql.writeCounter.run("dropped_samples", counter("dropped_samples") + dropped)
      })
      if (dropped > 0) db.exec("PRAGMA incremental_vacuum(2000)")
      return dropped
    },
    depth: () => {
      const totals = sql.totals.get() as {
        batches: number
        samples: number
        bytes: number
        oldest: number | null
      }
      const open = sql.countOpen.get() as { n: number; bytes: number; oldest: number | null }
      const oldest = totals.oldest ?? open.oldest
      return {
        batches: totals.batches,
        samples: totals.samples + open.n,
        bytes: totals.bytes + open.bytes,
        oldest_at: oldest === null ? null : new Date(oldest).toISOString(),
        dropped_samples: counter("dropped_samples"),
        quarantined_samples: (sql.countQuarantine.get() as { n: number }).n,
      }
    },
    counter,
    setCounter: (name, value) => {
      sql.writeCounter.run(name, Math.round(value))
    },
    close: () => db.close(),
  }
}

type OpenRow = { id: number; collected_ms: number; miner_key: string; sample: string }

function keyOf(sample: TelemetrySample): string {
  return sample.miner_id.toLowerCase()
}

/** The rows up to the second one of any miner: ingest takes each miner once a batch. */
function untilRepeated(rows: OpenRow[]): OpenRow[] {
  const seen = new Set<string>()
  const end = rows.findIndex((row) => seen.size === seen.add(row.miner_key).size)
  return end === -1 ? rows : rows.slice(0, end)
}

function readPayload(row: BatchRow): TelemetryBatch | null {
  try {
    const batch = JSON.parse(zlib.zstdDecompressSync(row.payload).toString("utf8")) as TelemetryBatch
    return batch.batch_id === row.batch_id && Array.isArray(batch.samples) ? batch : null
  } catch {
    return null
  }
}

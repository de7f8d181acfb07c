import type { DatabaseSync } from "node:sqlite"
import type { ScanCounts } from "#edge/scanner/scan.ts"
import {
  type FoundMachine,
  foundMachineSchema,
  type MovedMiner,
  movedMinerSchema,
  type ScanJob,
  scanJobSchema,
  type UnknownDevice,
  unknownDeviceSchema,
} from "#server/contract/discovery.ts"
import { addressKey, type TargetAddress } from "../poll/targets.ts"
import { openDatabase, transact } from "../state/open-database.ts"

/**
 * What has to outlive a restart and a cut line: the scan that runs with the place where it stands, what was found and
 * not told yet (each address of a scan once), machines that moved, and the addresses where they are read now.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS scan (
  one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, job TEXT NOT NULL, seed INTEGER NOT NULL,
  position INTEGER NOT NULL, counts TEXT NOT NULL, per_second REAL, state TEXT NOT NULL, error TEXT, told INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS findings (
  seq INTEGER PRIMARY KEY, scan_id TEXT NOT NULL, address TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
  sent INTEGER NOT NULL, UNIQUE (scan_id, address)
) STRICT;
CREATE INDEX IF NOT EXISTS findings_unsent ON findings (sent, seq);
CREATE TABLE IF NOT EXISTS moves (seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS moved_targets (
  host TEXT NOT NULL, rpc_port INTEGER NOT NULL, web_port INTEGER NOT NULL, PRIMARY KEY (host, rpc_port)
) STRICT;
`
export type EdgeScanState = "running" | "done" | "failed" | "cancelled"
export type KeptScan = {
  job: ScanJob
  seed: number
  position: number
  counts: ScanCounts
  perSecond: number | null
  state: EdgeScanState
  error: string | null
  /** The server has its end. */
  told: boolean
}
export type Finding = { kind: "machine"; body: FoundMachine } | { kind: "device"; body: UnknownDevice }
/** Something to tell, with the number under which it is taken off the list. */
export type Waiting<T> = { seq: number; scanId: string; body: T }

export type DiscoveryStore = {
  scan: () => KeptScan | null
  /** Forgets the scan before with what it found. */
  begin: (job: ScanJob, seed: number, total: number) => void
  /** Durable together: what was found since the last time, and the place where the scan stands. */
  checkpoint: (
    found: Finding[],
    at: Pick<KeptScan, "position" | "counts" | "perSecond"> & {
      state?: EdgeScanState
      error?: string | null
    },
  ) => void
  markTold: (scanId: string) => void
  /** Addresses of the scan at which a machine, and something else, was found. */
  countFindings: () => { machines: number; devices: number }
  unsent: (limit: number) => { machines: Waiting<FoundMachine>[]; devices: Waiting<UnknownDevice>[] }
  markSent: (seqs: number[]) => void
  addMove: (move: MovedMiner, target: TargetAddress) => void
  moves: (limit: number) => { seq: number; body: MovedMiner }[]
  dropMoves: (seqs: number[]) => void
  /** Where moved machines are read although no target of the configuration says so. */
  movedTargets: () => TargetAddress[]
  dropMovedTargets: (targets: TargetAddress[]) => void
  close: () => void
}

export function openDiscoveryStore(file: string): { store: DiscoveryStore; movedAside: string | null } {
  const { db, movedAside } = openDatabase(file, SCHEMA)
  return { store: { ...scanPart(db), ...movesPart(db), close: () => db.close() }, movedAside }
}

type ScanRecord = {
  job: string
  seed: number
  position: number
  counts: string
  per_second: number | null
  state: string
  error: string | null
  told: number
}
type FindingRecord = { seq: number; scan_id: string; body: string }

function scanPart(db: DatabaseSync) {
  const read = db.prepare("SELECT * FROM scan")
  const add = db.prepare(
    "INSERT OR IGNORE INTO findings (scan_id, address, kind, body, sent) VALUES (?, ?, ?, ?, 0)",
  )
  const save = db.prepare(
    "UPDATE scan SET position = ?, counts = ?, per_second = ?, state = coalesce(?, state), error = coalesce(?, error)",
  )
  const waiting = db.prepare(
    "SELECT seq, scan_id, body FROM findings WHERE sent = 0 AND kind = ? ORDER BY seq LIMIT ?",
  )
  const sent = db.prepare("UPDATE findings SET sent = 1 WHERE seq = ?")
  const count = db.prepare(
    "SELECT kind, count(*) AS count FROM findings WHERE scan_id = (SELECT id FROM scan) GROUP BY kind",
  )
  const unsent = <T>(kind: string, limit: number, parse: (body: unknown) => T): Waiting<T>[] =>
    (waiting.all(kind, limit) as FindingRecord[]).map((row) => ({
      seq: row.seq,
      scanId: row.scan_id,
      body: parse(JSON.parse(row.body)),
    }))
  return {
    scan: (): KeptScan | null => {
      const row = read.get() as ScanRecord | undefined
      if (row === undefined) return null
      return {
        job: scanJobSchema.parse(JSON.parse(row.job)),
        seed: row.seed,
        position: row.position,
        counts: JSON.parse(row.counts) as ScanCounts,
        perSecond: row.per_second,
        state: row.state as EdgeScanState,
        error: row.error,
        told: row.told === 1,
      }
    },
    begin: (job: ScanJob, seed: number, total: number) => {
      const counts: ScanCounts = { total, done: 0, found: 0, unknown: 0, closed: 0, absent: 0 }
      transact(db, () => {
        db.exec("DELETE FROM scan; DELETE FROM findings WHERE sent = 1")
        db.prepare("DELETE FROM findings WHERE scan_id = ?").run(job.id)
        db.prepare("INSERT INTO scan VALUES (1, ?, ?, ?, 0, ?, NULL, 'running', NULL, 0)").run(
          job.id,
          JSON.stringify(job),
          seed,
          JSON.stringify(counts),
        )
      })
    },
    checkpoint: (found: Finding[], at: Parameters<DiscoveryStore["checkpoint"]>[1]) => {
      const scanId = (db.prepare("SELECT id FROM scan").get() as { id: string } | undefined)?.id
      if (scanId === undefined) return
      transact(db, () => {
        for (const { kind, body } of found) add.run(scanId, body.address, kind, JSON.stringify(body))
        save.run(at.position, JSON.stringify(at.counts), at.perSecond, at.state ?? null, at.error ?? null)
      })
    },
    markTold: (scanId: string) => {
      db.prepare("UPDATE scan SET told = 1 WHERE id = ?").run(scanId)
    },
    countFindings: () => {
      const rows = count.all() as { kind: string; count: number }[]
      const of = (kind: string) => rows.find((row) => row.kind === kind)?.count ?? 0
      return { machines: of("machine"), devices: of("device") }
    },
    unsent: (limit: number) => ({
      machines: unsent("machine", limit, (body) => foundMachineSchema.parse(body)),
      devices: unsent("device", limit, (body) => unknownDeviceSchema.parse(body)),
    }),
    markSent: (seqs: number[]) =>
      transact(db, () => {
        for (const seq of seqs) sent.run(seq)
      }),
  }
}

function movesPart(db: DatabaseSync) {
  const put = db.prepare("INSERT OR REPLACE INTO moved_targets VALUES (?, ?, ?)")
  const drop = db.prepare("DELETE FROM moved_targets WHERE host = ? AND rpc_port = ?")
  type TargetRecord = { host: string; rpc_port: number; web_port: number }
  const targets = new Map<string, TargetAddress>()
  for (const row of db.prepare("SELECT * FROM moved_targets").all() as TargetRecord[]) {
    const target = { host: row.host, rpcPort: row.rpc_port, webPort: row.web_port, family: null }
    targets.set(addressKey(target), target)
  }
  return {
    addMove: (move: MovedMiner, target: TargetAddress) => {
      transact(db, () => {
        db.prepare("INSERT INTO moves (body) VALUES (?)").run(JSON.stringify(move))
        put.run(target.host, target.rpcPort, target.webPort)
      })
      targets.set(addressKey(target), target)
    },
    moves: (limit: number) =>
      (db.prepare("SELECT seq, body FROM moves ORDER BY seq LIMIT ?").all(limit) as FindingRecord[]).map(
        (row) => ({
          seq: row.seq,
          body: movedMinerSchema.parse(JSON.parse(row.body)),
        }),
      ),
    dropMoves: (seqs: number[]) =>
      transact(db, () => {
        for (const seq of seqs) db.prepare("DELETE FROM moves WHERE seq = ?").run(seq)
      }),
    movedTargets: () => [...targets.values()],
    dropMovedTargets: (gone: TargetAddress[]) => {
      for (const target of gone) {
        drop.run(target.host, target.rpcPort)
        targets.delete(addressKey(target))
      }
    },
  }
}

import { randomUUID } from "node:crypto"
import type { Identity } from "#edge/drivers/driver.ts"
import type { CommandType } from "#server/contract/commands.ts"
import {
  type CommandResult,
  commandResultSchema,
  type LeasedCommand,
  leasedCommandSchema,
  type TakenBackup,
} from "#server/contract/edge.ts"
import { openDatabase, transact } from "../state/open-database.ts"

/**
 * What this collector did, on disk before and after it did it. Entry states:
 *   (none) → started   written before the first byte of the act, in one commit
 *   started → finished the outcome, whatever it is
 *   (none) → finished  refused without acting
 * A `started` entry that nobody works on is one whose outcome nobody knows. `finished` never changes; its result is
 * sent until the gateway answers and stays as the answer to a redelivery. `kept_backups`: what was read of a machine
 * before a command changes it, until that command's result holds it. Leases are kept as they came: secrets stay sealed.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS journal_meta (
  one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, seq INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS entries (
  id TEXT PRIMARY KEY,
  miner_id TEXT NOT NULL,
  type TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('started', 'finished')),
  fencing_token TEXT NOT NULL,
  lease TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  finished_ms INTEGER,
  result TEXT,
  acked INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS entries_unacked ON entries (finished_ms) WHERE acked = 0;
CREATE TABLE IF NOT EXISTS kept_backups (
  id TEXT PRIMARY KEY, kept_ms INTEGER NOT NULL, backup TEXT NOT NULL
) STRICT;
`
/** Who the machine was before the act, for looking afterwards; files of earlier releases lack it. */
const ADD_BEFORE = "ALTER TABLE entries ADD COLUMN identity_before TEXT"
/** Longer than any command lives: a redelivery always meets its entry. */
const KEEP_ACKED_MS = 30 * 24 * 3_600_000
/** A command whose backup was taken and that never came back has expired by then. */
const KEEP_BACKUPS_MS = 2 * 24 * 3_600_000

export type JournalEntry = {
  id: string
  minerId: string
  type: CommandType
  state: "started" | "finished"
  fencingToken: string
  lease: LeasedCommand
  startedMs: number
  acked: boolean
  identityBefore: Identity | null
}
/** A result without the token, which is the newest lease's when it is sent. */
export type Finding = Omit<CommandResult, "id" | "fencing_token">

export type Journal = {
  /**
   * What polls tell the gateway: where the journal stands now, and until the first poll is answered where it stood when
   * it was opened. A disk that went back is seen by that, whatever this start has written since (`decisions.md` 20).
   */
  position: () => { epoch: string; seq: number }
  /** The gateway has answered a poll with the position. */
  told: () => void
  find: (id: string) => JournalEntry | null
  /** Started and never finished, oldest first. */
  unfinished: () => JournalEntry[]
  /** Durable when it returns: the act may begin. Throws when the disk does not take it, and then nothing may run. */
  start: (lease: LeasedCommand, startedMs: number, before: Identity | null) => void
  /** Adds the backup that was kept for it. */
  finish: (lease: LeasedCommand, finding: Finding) => void
  /** Durable when it returns; the first one of a command stays, whatever is read after an interrupted act. */
  keepBackup: (id: string, backup: TakenBackup, nowMs: number) => void
  keptBackup: (id: string) => TakenBackup | null
  /** A newer lease of the same row: its token is the one to answer with; the answer is due again. */
  adoptLease: (lease: LeasedCommand) => void
  /** Only for an idempotent command that a crash interrupted: its redelivery may run it again. */
  forget: (id: string) => void
  /** Oldest first, at most `limit` and, beyond the first, at most `maxBytes` of JSON. */
  unacked: (limit: number, maxBytes?: number) => CommandResult[]
  /** Only for a result that the gateway cannot take as it is: the same end told in less. */
  shorten: (result: CommandResult) => void
  countUnacked: () => number
  /** The gateway answered for these tokens; an answer to an older one changes nothing. */
  acked: (answered: { id: string; fencing_token: string }[]) => void
  prune: (nowMs: number) => void
  close: () => void
}

type Row = {
  id: string
  miner_id: string
  type: string
  state: "started" | "finished"
  fencing_token: string
  lease: string
  started_ms: number
  acked: number
  result: string | null
  identity_before: string | null
}

export function openJournal(file: string): { journal: Journal; movedAside: string | null; created: boolean } {
  const { db, movedAside, created } = openDatabase(file, SCHEMA)
  const columns = db.prepare("SELECT name FROM pragma_table_info('entries')").all() as { name: string }[]
  if (!columns.some((column) => column.name === "identity_before")) db.exec(ADD_BEFORE)
  db.prepare("INSERT OR IGNORE INTO journal_meta VALUES (1, ?, 0)").run(randomUUID())
  const sql = {
    meta: db.prepare("SELECT epoch, seq FROM journal_meta"),
    bump: db.prepare("UPDATE journal_meta SET seq = seq + 1"),
    find: db.prepare("SELECT * FROM entries WHERE id = ?"),
    unfinished: db.prepare("SELECT * FROM entries WHERE state = 'started' ORDER BY started_ms"),
    start: db.prepare(
      `INSERT INTO entries (id, miner_id, type, state, fencing_token, lease, started_ms, identity_before)
       VALUES (?, ?, ?, 'started', ?, ?, ?, ?)`,
    ),
    finish: db.prepare(
      `INSERT INTO entries (id, miner_id, type, state, fencing_token, lease, started_ms, finished_ms, result)
       VALUES (?, ?, ?, 'finished', ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = 'finished',
       finished_ms = excluded.finished_ms, result = excluded.result WHERE state = 'started'`,
    ),
    adopt: db.prepare("UPDATE entries SET fencing_token = ?, lease = ?, acked = 0 WHERE id = ?"),
    forget: db.prepare("DELETE FROM entries WHERE id = ? AND state = 'started'"),
    unacked: db.prepare(
      "SELECT * FROM entries WHERE acked = 0 AND state = 'finished' ORDER BY finished_ms LIMIT ?",
    ),
    countUnacked: db.prepare("SELECT count(*) AS n FROM entries WHERE acked = 0 AND state = 'finished'"),
    acked: db.prepare(
      "UPDATE entries SET acked = 1 WHERE id = ? AND fencing_token = ? AND state = 'finished'",
    ),
    shorten: db.prepare("UPDATE entries SET result = ? WHERE id = ? AND state = 'finished' AND acked = 0"),
    prune: db.prepare("DELETE FROM entries WHERE acked = 1 AND finished_ms < ?"),
    keep: db.prepare("INSERT INTO kept_backups VALUES (?, ?, ?) ON CONFLICT DO NOTHING"),
    kept: db.prepare("SELECT backup FROM kept_backups WHERE id = ?"),
    release: db.prepare("DELETE FROM kept_backups WHERE id = ?"),
    pruneKept: db.prepare("DELETE FROM kept_backups WHERE kept_ms < ?"),
  }
  const write = (work: () => void) =>
    transact(db, () => {
      work()
      sql.bump.run()
    })
  const keptBackup = (id: string): TakenBackup | null => {
    const row = sql.kept.get(id) as { backup: string } | undefined
    return row === undefined ? null : (JSON.parse(row.backup) as TakenBackup)
  }
  const readPosition = () => ({ ...(sql.meta.get() as { epoch: string; seq: number }) })
  let opened: { epoch: string; seq: number } | null = readPosition()
  const journal: Journal = {
    position: () => opened ?? readPosition(),
    told: () => {
      opened = null
    },
    find: (id) => toEntry(sql.find.get(id) as Row | undefined),
    unfinished: () => (sql.unfinished.all() as Row[]).map((row) => toEntry(row) as JournalEntry),
    start: (lease, startedMs, before) =>
      write(() => {
        sql.start.run(
          lease.id,
          lease.miner_id,
          lease.type,
          lease.fencing_token,
          JSON.stringify(lease),
          Math.round(startedMs),
          before === null ? null : JSON.stringify(before),
        )
      }),
    finish: (lease, finding) =>
      write(() => {
        const startedMs = Date.parse(finding.started_at)
        const finishedMs = Date.parse(finding.finished_at)
        sql.finish.run(
          lease.id,
          lease.miner_id,
          lease.type,
          lease.fencing_token,
          JSON.stringify(lease),
          startedMs,
          finishedMs,
          JSON.stringify({ ...finding, backup: finding.backup ?? keptBackup(lease.id) }),
        )
        sql.release.run(lease.id)
      }),
    keepBackup: (id, backup, nowMs) =>
      write(() => {
        sql.keep.run(id, Math.round(nowMs), JSON.stringify(backup))
      }),
    keptBackup,
    adoptLease: (lease) =>
      write(() => {
        sql.adopt.run(lease.fencing_token, JSON.stringify(lease), lease.id)
      }),
    forget: (id) =>
      write(() => {
        sql.forget.run(id)
      }),
    unacked: (limit, maxBytes = Number.POSITIVE_INFINITY) => {
      const results: CommandResult[] = []
      let bytes = 0
      for (const row of sql.unacked.iterate(limit) as Iterable<Row>) {
        bytes += Buffer.byteLength(row.result ?? "")
        if (results.length > 0 && bytes > maxBytes) break
        results.push(toResult(row))
      }
      return results
    },
    shorten: ({ id, fencing_token: _, ...finding }) =>
      write(() => {
        sql.shorten.run(JSON.stringify(finding), id)
      }),
    countUnacked: () => (sql.countUnacked.get() as { n: number }).n,
    acked: (answered) =>
      write(() => {
        for (const { id, fencing_token } of answered) sql.acked.run(id, fencing_token)
      }),
    prune: (nowMs) => {
      sql.prune.run(Math.round(nowMs - KEEP_ACKED_MS))
      sql.pruneKept.run(Math.round(nowMs - KEEP_BACKUPS_MS))
    },
    close: () => db.close(),
  }
  return { journal, movedAside, created }
}

function toResult(row: Row): CommandResult {
  return commandResultSchema.parse({
    ...(JSON.parse(row.result ?? "{}") as Finding),
    id: row.id,
    fencing_token: row.fencing_token,
  })
}

function toEntry(row: Row | undefined): JournalEntry | null {
  if (row === undefined) return null
  return {
    id: row.id,
    minerId: row.miner_id,
    type: row.type as CommandType,
    state: row.state,
    fencingToken: row.fencing_token,
    // What an earlier release wrote lacks the fields that came later.
    lease: leasedCommandSchema.parse(JSON.parse(row.lease)),
    startedMs: row.started_ms,
    acked: row.acked === 1,
    identityBefore: row.identity_before === null ? null : (JSON.parse(row.identity_before) as Identity),
  }
}

import { existsSync, renameSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"

/** A database of the cache directory, and whether the file of an earlier run had to be moved aside. */
export type OpenedDatabase = { db: DatabaseSync; movedAside: string | null; created: boolean }

/**
 * Opens (or creates) one SQLite file in WAL mode with `synchronous = FULL`: a commit survives a power cut. A file
 * that fails its check is renamed to `<file>.corrupt-<ms>` together with its journal, and a new one takes its place.
 */
export function openDatabase(file: string, schema: string): OpenedDatabase {
  const created = !existsSync(file)
  try {
    return { db: openChecked(file, schema), movedAside: null, created }
  } catch (error) {
    if (!isCorruption(error)) throw error
    const aside = `${file}.corrupt-${Date.now()}`
    for (const suffix of ["", "-wal", "-shm"])
      if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix)
    return { db: openChecked(file, schema), movedAside: aside, created: true }
  }
}

function openChecked(file: string, schema: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 5_000 })
  try {
    db.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    db.exec("PRAGMA cache_size = -4096; PRAGMA journal_size_limit = 16777216")
    const check = db.prepare("PRAGMA quick_check(1)").get() as { quick_check: string }
    if (check.quick_check !== "ok") throw new CorruptDatabase(check.quick_check)
    db.exec(schema)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

class CorruptDatabase extends Error {}

const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_IOERR = 10
const SQLITE_NOTADB = 26

function sqliteCode(error: unknown): number | null {
  const code = (error as { errcode?: unknown }).errcode
  return typeof code === "number" ? code & 0xff : null
}

export function isCorruption(error: unknown): boolean {
  const code = sqliteCode(error)
  return error instanceof CorruptDatabase || code === SQLITE_CORRUPT || code === SQLITE_NOTADB
}

/** True when the disk could not take a write; the same write can succeed once there is room. */
export function isDiskFull(error: unknown): boolean {
  const code = sqliteCode(error)
  return code === SQLITE_FULL || code === SQLITE_IOERR || (error as { code?: string }).code === "ENOSPC"
}

/** Runs `work` in one transaction; throws what it throws after rolling back. */
export function transact<T>(db: DatabaseSync, work: () => T): T {
  db.exec("BEGIN IMMEDIATE")
  try {
    const value = work()
    db.exec("COMMIT")
    return value
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK")
    throw error
  }
}

import { chmodSync, closeSync, existsSync, openSync } from "node:fs"
import type { Credentials } from "#edge/drivers/driver.ts"
import type { EdgeCredential } from "#server/contract/miner-credentials.ts"
import { openDatabase, transact } from "../state/open-database.ts"
import type { AtRest } from "./at-rest.ts"

/** What the server assigned, opened. */
export type HeldCredential = Pick<EdgeCredential, "id" | "version" | "scope" | "family" | "miner_id"> & {
  login: Credentials
}
/**
 * What a SET_LOGIN gave a machine, until the server's list has it. Several candidates: nobody saw the change end, and the
 * first that the machine takes is the one; null: none assigned, so the factory's. `base`: the machine's own credential in
 * the server's list when it began.
 */
export type OwnLogin = { candidates: (Credentials | null)[]; base: string | null; beganMs: number }
/** `sinceMs` null: it takes one again, which the server has not heard. `by`: what it refused as a whole. */
export type RefusalRow = {
  minerId: string
  username: string
  sinceMs: number | null
  by: "read" | "identify" | null
  told: boolean
}

/** The logins on disk: names and dates in clear, every login enciphered (`at-rest.ts`), all files mode 0600. */
export type LoginStore = {
  credentials: () => HeldCredential[]
  putCredentials: (put: readonly HeldCredential[], removedIds: readonly string[]) => void
  owns: () => Map<string, OwnLogin>
  /** Durable when it returns. Null removes it. */
  putOwn: (minerId: string, own: OwnLogin | null) => void
  refusals: () => RefusalRow[]
  putRefusal: (row: RefusalRow) => void
  deleteRefusal: (minerId: string) => void
  /** The server may know refusals that this store has lost. */
  resetDue: () => boolean
  resetDone: () => void
  close: () => void
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS credentials (
  id TEXT PRIMARY KEY, version INTEGER NOT NULL, scope TEXT NOT NULL, family TEXT, miner_id TEXT, login BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS own_logins (
  miner_id TEXT PRIMARY KEY COLLATE NOCASE, own BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS refusals (
  miner_id TEXT PRIMARY KEY COLLATE NOCASE, username TEXT NOT NULL, since_ms INTEGER, refused_by TEXT, told INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS login_meta (one INTEGER PRIMARY KEY CHECK (one = 1), reset_due INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO login_meta VALUES (1, 1);
`

export function openLoginStore(
  file: string,
  atRest: AtRest,
): { store: LoginStore; movedAside: string | null; unreadable: number } {
  makePrivate(file)
  const { db, movedAside } = openDatabase(file, SCHEMA)
  makePrivate(file)
  let unreadable = 0
  const read = <T>(place: string, sealed: Uint8Array): T | null => {
    const text = atRest.open(place, sealed)
    if (text === null) unreadable += 1
    return text === null ? null : (JSON.parse(text) as T)
  }
  const sql = {
    put: db.prepare("INSERT OR REPLACE INTO credentials VALUES (?, ?, ?, ?, ?, ?)"),
    remove: db.prepare("DELETE FROM credentials WHERE id = ?"),
    putOwn: db.prepare("INSERT OR REPLACE INTO own_logins VALUES (?, ?)"),
    removeOwn: db.prepare("DELETE FROM own_logins WHERE miner_id = ?"),
    putRefusal: db.prepare("INSERT OR REPLACE INTO refusals VALUES (?, ?, ?, ?, ?)"),
    removeRefusal: db.prepare("DELETE FROM refusals WHERE miner_id = ?"),
    resetDone: db.prepare("UPDATE login_meta SET reset_due = 0"),
    resetDue: db.prepare("SELECT reset_due FROM login_meta"),
  }
  type CredentialRow = Omit<HeldCredential, "login"> & { login: Uint8Array }
  const held = (db.prepare("SELECT * FROM credentials").all() as CredentialRow[]).flatMap((row) => {
    const login = read<Credentials>(placeOf(row), row.login)
    return login === null ? [] : [{ ...row, login }]
  })
  const owns = new Map<string, OwnLogin>()
  for (const row of db.prepare("SELECT * FROM own_logins").all() as { miner_id: string; own: Uint8Array }[]) {
    const own = read<OwnLogin>(`own ${row.miner_id.toLowerCase()}`, row.own)
    if (own !== null) owns.set(row.miner_id.toLowerCase(), own)
  }
  const store: LoginStore = {
    credentials: () => held,
    putCredentials: (put, removedIds) =>
      transact(db, () => {
        for (const id of removedIds) sql.remove.run(id)
        for (const one of put) {
          const login = atRest.seal(placeOf(one), JSON.stringify(one.login))
          sql.put.run(one.id, one.version, one.scope, one.family, one.miner_id, login)
        }
      }),
    owns: () => owns,
    putOwn: (minerId, own) => {
      const key = minerId.toLowerCase()
      if (own === null) sql.removeOwn.run(key)
      else sql.putOwn.run(key, atRest.seal(`own ${key}`, JSON.stringify(own)))
    },
    refusals: () =>
      (
        db.prepare("SELECT * FROM refusals").all() as {
          miner_id: string
          username: string
          since_ms: number | null
          refused_by: RefusalRow["by"]
          told: number
        }[]
      ).map((row) => ({
        minerId: row.miner_id,
        username: row.username,
        sinceMs: row.since_ms,
        by: row.refused_by,
        told: row.told === 1,
      })),
    putRefusal: ({ minerId, username, sinceMs, by, told }) => {
      sql.putRefusal.run(minerId, username, sinceMs === null ? null : Math.round(sinceMs), by, told ? 1 : 0)
    },
    deleteRefusal: (minerId) => {
      sql.removeRefusal.run(minerId)
    },
    resetDue: () => (sql.resetDue.get() as { reset_due: number }).reset_due === 1,
    resetDone: () => {
      sql.resetDone.run()
    },
    close: () => db.close(),
  }
  return { store, movedAside, unreadable }
}

const placeOf = ({ id, version }: { id: string; version: number }) => `credential ${id} ${version}`

/** SQLite gives its side files the mode of the main one. */
function makePrivate(file: string): void {
  closeSync(openSync(file, "a", 0o600))
  for (const name of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(name)) chmodSync(name, 0o600)
}

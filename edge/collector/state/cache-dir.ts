import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { DatabaseSync } from "node:sqlite"

/** Thrown for what a person has to mend before the collector can run; `main` prints the message and exits. */
export class StartupError extends Error {}

/** The collector's directory, held by this process alone until `release`. */
export type CacheDir = {
  path: string
  file: (name: string) => string
  /** Null when there is no such file. */
  read: (name: string) => string | null
  /** Writes whole or not at all, readable by the owner only. */
  writePrivate: (name: string, text: string) => void
  release: () => void
}

/**
 * Opens the directory, mode 0700, and takes its lock. The lock is SQLite's on `lock.db`: the kernel frees it with
 * the process, so a kill leaves nothing stale. Throws `StartupError` when another collector holds it.
 */
export function openCacheDir(directory: string): CacheDir {
  const path = resolve(directory)
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StartupError(`Cannot make the cache directory ${path}: ${(error as Error).message}`)
  }
  const file = (name: string) => resolve(path, name)
  const lock = takeLock(file("lock.db"), path)
  return {
    path,
    file,
    read: (name) => (existsSync(file(name)) ? readFileSync(file(name), "utf8") : null),
    writePrivate: (name, text) => {
      const part = `${file(name)}.part`
      writeFileSync(part, text, { mode: 0o600, flush: true })
      chmodSync(part, 0o600)
      renameSync(part, file(name))
    },
    release: () => lock.close(),
  }
}

function takeLock(file: string, path: string): DatabaseSync {
  let lock: DatabaseSync | null = null
  try {
    lock = new DatabaseSync(file, { timeout: 0 })
    lock.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE")
    return lock
  } catch (error) {
    lock?.close()
    const reason = (error as Error).message
    if (/locked|busy/i.test(reason))
      throw new StartupError(
        `Another collector already works in ${path}. Give this one a directory of its own (LAMPROOM_CACHE_DIR).`,
      )
    throw new StartupError(`Cannot use the cache directory ${path}: ${reason}`)
  }
}

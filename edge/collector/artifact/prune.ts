import { readdir, stat, unlink, utimes } from "node:fs/promises"
import { join } from "node:path"
import { ArtifactError } from "./fetch-pieces.ts"

const UNUSED_MS = 7 * 24 * 3_600_000

type StoredFile = { path: string; key: string; bytes: number; usedMs: number }

async function listFiles(directory: string): Promise<StoredFile[]> {
  const files: StoredFile[] = []
  for (const name of await readdir(directory).catch(() => [])) {
    const match = /^([0-9a-f]{64})\.(?:bin|part)$/.exec(name)
    if (match === null) continue
    const path = join(directory, name)
    const found = await stat(path).catch(() => null)
    if (found !== null)
      files.push({ path, key: match[1] as string, bytes: found.size, usedMs: found.mtimeMs })
  }
  return files.toSorted((a, b) => a.usedMs - b.usedMs)
}

/** The file's time of change is that of its last use. */
export async function markUsed(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now)
}

export async function pruneOld(directory: string, nowMs: number, inUse: ReadonlySet<string>): Promise<void> {
  for (const file of await listFiles(directory))
    if (!inUse.has(file.key) && file.usedMs < nowMs - UNUSED_MS) await unlink(file.path)
}

/** Removes files, the longest unused first, until the rest has at most `maxBytes`. Throws `ArtifactError`. */
export async function makeRoom(
  directory: string,
  maxBytes: number,
  inUse: ReadonlySet<string>,
): Promise<void> {
  const files = await listFiles(directory)
  let bytes = 0
  for (const file of files) bytes += file.bytes
  for (const file of files) {
    if (bytes <= maxBytes) return
    if (inUse.has(file.key)) continue
    await unlink(file.path)
    bytes -= file.bytes
  }
  // What is in use here counts against the room, the part of the wanted file itself included only once.
  const others = files.filter((file) => inUse.has(file.key) && file.path.endsWith(".bin"))
  if (others.reduce((sum, file) => sum + file.bytes, 0) > maxBytes)
    throw new ArtifactError("other firmware files in use take the room on the collector's disk")
}

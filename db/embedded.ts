import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { connect, createServer } from "node:net"
import { freemem, totalmem } from "node:os"
import { join, resolve } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { type EmbeddedPaths, resolveEmbeddedPaths } from "./embedded-paths.ts"
import postgres from "./postgres-js.ts"

/**
 * The embedded PostgreSQL: one server a data directory, started once and reused by every process of the checkout.
 * It survives the death of who started it; the next start adopts it. `stop` ends it cleanly.
 */
export type EmbeddedServer = {
  /** As the application's role, which exists from the start and owns nothing before `migrateDatabase`. */
  url: string
  /** As superuser: for migrations, and for tests that make databases. */
  ownerUrl: string
  port: number
  pid: number
  /** True when this call started it, false when it was already running. */
  started: boolean
  stop: () => Promise<void>
}

const SUPERUSER = "lamproom"
const APPLICATION = "lamproom_app"
const START_TIMEOUT_MS = 60_000
const LINGER_MS = 15_000
/** None of this process' variables: PGPORT and the like would change what the server does. */
const CLEAN_ENVIRONMENT = { PATH: "/usr/bin:/bin", TZ: "UTC" } as unknown as NodeJS.ProcessEnv

/**
 * Starts (or adopts) the server of `dataDir`. Handles a crash (recovery), a stale pid file and a taken port.
 * `fast` is for tests: no fsync. Throws with what to do when it cannot.
 */
export async function startEmbedded(
  dataDir: string,
  options: { fast?: boolean; port?: number } = {},
): Promise<EmbeddedServer> {
  const paths = resolveEmbeddedPaths(dataDir)
  const logFile = join(resolve(dataDir), "postgres.log")
  initialise(paths)
  const running = runningPostmaster(paths)
  if (running && (await answers(running.port))) {
    // It may have been started by a version that knew one role only.
    if (running.ready) await ensureDatabase(running.port)
    return handle(paths, running.port, running.pid, false)
  }
  if (running) await stopPostmaster(paths, running.pid)
  clearStalePid(paths)

  const lingersUntil = performance.now() + LINGER_MS
  const ports = await portsToTry(dataDir, options.port)
  for (let port = ports.shift(); port !== undefined; ) {
    const logStart = existsSync(logFile) ? statSync(logFile).size : 0
    const pid = launch(paths, port, logFile, options.fast ?? false)
    const logged = () => tail(logFile, logStart)
    const outcome = await untilReady(paths, port, pid, logged)
    if (outcome === "ready") {
      writeFileSync(join(resolve(dataDir), "postgres-port"), `${port}\n`)
      await ensureDatabase(port)
      return handle(paths, port, runningPostmaster(paths)?.pid ?? pid, true)
    }
    if (outcome === "port-taken") port = ports.shift()
    // Backends of a server that was just killed still hold its memory for a moment.
    else if (/shared memory block .* still in use/.test(logged()) && performance.now() < lingersUntil)
      await wait(50)
    else throw new Error(`The embedded PostgreSQL did not start. Its log ends:\n${tail(logFile)}`)
  }
  throw new Error("No free port for the embedded PostgreSQL. Free one, or set DATABASE_URL.")
}

/** The running server of `dataDir`, or null. Never starts one. */
export function findEmbedded(
  dataDir: string,
): Pick<EmbeddedServer, "url" | "ownerUrl" | "pid" | "port"> | null {
  const running = runningPostmaster(resolveEmbeddedPaths(dataDir))
  return running ? { pid: running.pid, port: running.port, ...urlsOf(running.port) } : null
}

function initialise(paths: EmbeddedPaths): void {
  if (existsSync(join(paths.data, "PG_VERSION"))) return
  mkdirSync(paths.data, { recursive: true, mode: 0o700 })
  const run = spawnSync(
    join(paths.bin, "initdb"),
    [
      "-D",
      paths.data,
      "-U",
      SUPERUSER,
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
    ],
    { ...(paths.asUser ?? {}), cwd: "/", encoding: "utf8", env: CLEAN_ENVIRONMENT },
  )
  if (run.status === 0) return
  rmSync(join(paths.data, "PG_VERSION"), { force: true })
  throw new Error(`initdb failed in ${paths.data}: ${run.stderr || run.error?.message}`)
}

function settings(port: number, fast: boolean): string[] {
  const memoryMb = Math.floor(totalmem() / 1_048_576)
  const sharedMb = Math.max(128, Math.min(4_096, Math.floor(memoryMb / 8)))
  const pairs = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 120,
    shared_buffers: `${fast ? 128 : sharedMb}MB`,
    effective_cache_size: `${Math.floor(Math.max(memoryMb / 2, freemem() / 2_097_152))}MB`,
    work_mem: "16MB",
    maintenance_work_mem: "256MB",
    wal_compression: "on",
    max_wal_size: "4GB",
    checkpoint_completion_target: 0.9,
    random_page_cost: 1.1,
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    ...(fast ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off" } : {}),
  }
  return Object.entries(pairs).flatMap(([name, value]) => ["-c", `${name}=${value}`])
}

function launch(paths: EmbeddedPaths, port: number, logFile: string, fast: boolean): number {
  const log = openSync(logFile, "a")
  const child = spawn(join(paths.bin, "postgres"), ["-D", paths.data, ...settings(port, fast)], {
    ...(paths.asUser ?? {}),
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
    env: CLEAN_ENVIRONMENT,
  })
  child.on("error", () => {})
  child.unref()
  if (child.pid === undefined) throw new Error(`Cannot run ${join(paths.bin, "postgres")}`)
  return child.pid
}

async function untilReady(
  paths: EmbeddedPaths,
  port: number,
  pid: number,
  logged: () => string,
): Promise<"ready" | "port-taken" | "failed"> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadline) {
    const mine = runningPostmaster(paths)
    if (mine?.port === port && mine.ready && (await answers(port))) return "ready"
    if (!alive(pid)) return /could not bind|Address already in use/.test(logged()) ? "port-taken" : "failed"
    await wait(20)
  }
  return "failed"
}

/** postmaster.pid: pid, data directory, start time, port, socket directory, address, key, status. */
function runningPostmaster(paths: EmbeddedPaths): { pid: number; port: number; ready: boolean } | null {
  let lines: string[]
  try {
    lines = readFileSync(join(paths.data, "postmaster.pid"), "utf8").split("\n")
  } catch {
    return null
  }
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || !alive(pid) || !isPostmasterOf(pid, paths.data)) return null
  return { pid, port: Number(lines[3]), ready: (lines[7] ?? "").trim() === "ready" }
}

function isPostmasterOf(pid: number, data: string): boolean {
  if (process.platform !== "linux") return true
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(data)
  } catch {
    return false
  }
}

/** A pid file whose process is gone, or is another program under a reused number, stops PostgreSQL from starting. */
function clearStalePid(paths: EmbeddedPaths): void {
  if (existsSync(join(paths.data, "postmaster.pid")) && !runningPostmaster(paths))
    rmSync(join(paths.data, "postmaster.pid"), { force: true })
}

async function stopPostmaster(paths: EmbeddedPaths, pid: number): Promise<void> {
  if (!alive(pid)) return
  process.kill(pid, "SIGINT")
  const deadline = performance.now() + 30_000
  while (existsSync(join(paths.data, "postmaster.pid")) && alive(pid)) {
    if (performance.now() > deadline) throw new Error(`The embedded PostgreSQL (pid ${pid}) does not stop.`)
    await wait(20)
  }
}

function handle(paths: EmbeddedPaths, port: number, pid: number, started: boolean): EmbeddedServer {
  return { ...urlsOf(port), port, pid, started, stop: () => stopPostmaster(paths, pid) }
}

function urlsOf(port: number): { url: string; ownerUrl: string } {
  const url = (role: string) => `postgres://${role}@127.0.0.1:${port}/lamproom`
  return { url: url(APPLICATION), ownerUrl: url(SUPERUSER) }
}

async function ensureDatabase(port: number): Promise<void> {
  const sql = postgres(`postgres://${SUPERUSER}@127.0.0.1:${port}/postgres`, { max: 1, onnotice: () => {} })
  try {
    const [there] = await sql<{ role: boolean; database: boolean }[]>`
      select exists (select from pg_roles where rolname = ${APPLICATION}) as role,
        exists (select from pg_database where datname = 'lamproom') as database`
    if (!there?.role) await unlessMadeMeanwhile(sql`create role ${sql(APPLICATION)} login`)
    if (!there?.database) await unlessMadeMeanwhile(sql`create database lamproom`)
  } finally {
    await sql.end()
  }
}

/** Two processes may start or adopt the server at the same moment. */
async function unlessMadeMeanwhile(making: Promise<unknown>): Promise<void> {
  try {
    await making
  } catch (error) {
    const code = (error as { code?: string }).code ?? ""
    const [duplicateRole, duplicateDatabase, uniqueViolation] = ["42710", "42P04", "23505"]
    if (![duplicateRole, duplicateDatabase, uniqueViolation].includes(code)) throw error
  }
}

/** The port of last time first, so that addresses in use stay true; then whatever the system gives. */
async function portsToTry(dataDir: string, wanted: number | undefined): Promise<number[]> {
  if (wanted !== undefined) return [wanted]
  let last: number[] = []
  try {
    last = [Number(readFileSync(join(resolve(dataDir), "postgres-port"), "utf8"))].filter((p) => p > 0)
  } catch {
    last = []
  }
  return [...last, await freePort(), await freePort()]
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.on("error", fail)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => done(typeof address === "object" && address ? address.port : 0))
    })
  })
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 1_000 })
    const end = (yes: boolean) => {
      socket.destroy()
      done(yes)
    }
    socket.on("connect", () => end(true))
    socket.on("error", () => end(false))
    socket.on("timeout", () => end(false))
  })
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
  if (process.platform !== "linux") return true
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

function tail(file: string, from = 0): string {
  return existsSync(file) ? readFileSync(file).subarray(from).toString("utf8").slice(-1_500) : ""
}

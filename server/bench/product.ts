import { type ChildProcess, spawn } from "node:child_process"
import { randomBytes, randomUUID } from "node:crypto"
import {
  chmodSync,
  createWriteStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type DatabaseHandle, openDatabase } from "#db/client.ts"
import { type EmbeddedServer, startEmbedded } from "#db/embedded.ts"
import { removeEmbeddedData } from "#db/embedded-paths.ts"
import { migrateDatabase } from "#db/migrate.ts"
import type { FarmSpec } from "#edge/simulator/farm-spec.ts"
import { ensureFirstAdmin } from "../auth/ensure-first-admin.ts"
import { openSessions } from "../auth/lucia.ts"
import { serializeSessionCookie } from "../auth/session-cookie.ts"
import { buildApp } from "../cli/build-app.ts"
import { createEnrollmentCode } from "../collectors/create-enrollment-code.ts"
import { childEnvironment } from "../config.ts"
import { type Context, createContext, type Services } from "../context.ts"
import { silentLog } from "../log.ts"
import { migrateQueue, openQueue, type Queue } from "../queue.ts"
import { createSite } from "../sites/create-site.ts"
import { updateSite } from "../sites/update-site.ts"

/**
 * The product as real processes in a folder of its own, for benchmarks and fault tests: PostgreSQL, web, worker, a
 * simulator and one collector. Each can be killed and started again.
 */
const ROOT = fileURLToPath(new URL("../..", import.meta.url))
/** `web-2` and `worker-2` stand beside the first ones; `collector-2` has its key, and a directory of its own. */
export type ProcessName = "web" | "web-2" | "worker" | "worker-2" | "simulator" | "collector" | "collector-2"
const SCRIPTS: Record<ProcessName, string> = {
  web: "server/main.ts",
  "web-2": "server/main.ts",
  worker: "jobs/main.ts",
  "worker-2": "jobs/main.ts",
  simulator: "edge/simulator/main.ts",
  collector: "edge/collector/main.ts",
  "collector-2": "edge/collector/main.ts",
}

const STOP_ORDER = ["collector", "collector-2", "simulator", "worker", "worker-2", "web", "web-2"] as const

export type Product = {
  dir: string
  url: string
  /** Of the simulator. */
  controlUrl: string
  /** Of `web-2`. */
  secondUrl: string
  databaseUrl: string
  database: DatabaseHandle
  /** The system actor's context, for set-up by verbs. */
  ctx: Context
  siteId: number
  admin: { email: string; password: string }
  /** The `Cookie` header of a new session: of the admin, or of another account. */
  cookie: (userId?: number) => Promise<string>
  /** `nodeArgs` go to Node, e.g. `--import` of a module that lets the process die at a given point. */
  start: (name: ProcessName, options?: { nodeArgs?: string[] }) => Promise<void>
  /** Waits until a process has ended by itself. */
  ended: (name: ProcessName) => Promise<NodeJS.Signals | number | null>
  /** Sends the signal and waits for the end. */
  end: (name: ProcessName, signal: NodeJS.Signals) => Promise<void>
  killDatabase: () => Promise<void>
  startDatabase: () => Promise<void>
  pid: (name: ProcessName) => number
  /** Where the simulated machines' web pages answer. */
  webPort: () => number
  journal: () => Record<string, unknown>[]
  logs: (name: ProcessName) => string
  stop: () => Promise<void>
}

export type ProductOptions = {
  /** For the simulator; left out with it. */
  farm?: FarmSpec
  /** Targets of the collector; left out with it. */
  targets?: string[]
  pollIntervalS?: number
  simulatorArgs?: string[]
  /** Left out: every process is started. */
  processes?: ProcessName[]
  production?: boolean
}

export async function startProduct(options: ProductOptions): Promise<Product> {
  buildApp()
  const dir = mkdtempSync(join(tmpdir(), "lamproom-product-"))
  chmodSync(dir, 0o755)
  const [webPort, databasePort, controlPort, secondPort] = await freePorts(4)
  let server: EmbeddedServer = await startEmbedded(join(dir, "data"), { port: databasePort })
  await migrateDatabase(server, new Date())
  await migrateQueue(server.url)
  const database = openDatabase(server.url, { max: 4, name: "lamproom-harness" })
  const queue: Queue = await openQueue({ databaseUrl: server.url, worker: false, log: silentLog })
  const services: Services = {
    sql: database.sql,
    db: database.db,
    queue,
    vault: null,
    now: () => new Date(),
    log: silentLog,
  }
  const ctx = createContext(services, {
    actor: { kind: "system", name: "harness" },
    requestId: randomUUID(),
    source: "cli",
  })
  const admin = { email: "admin@lamproom.local", password: randomBytes(12).toString("base64url") }
  await ensureFirstAdmin(services, admin)
  const { siteId } = await createSite(ctx, { slug: "test-site", name: "Test site", timezone: "UTC" })
  await updateSite(ctx, { siteId, pollIntervalS: options.pollIntervalS ?? 10 })

  const url = `http://127.0.0.1:${webPort}`
  writeFileSync(join(dir, "farm.json"), JSON.stringify(options.farm ?? null))
  const children = new Map<ProcessName, ChildProcess>()
  const environment: Record<string, string | undefined> = {
    NODE_ENV: options.production === false ? undefined : "production",
    DATABASE_URL: server.url,
    LAMPROOM_DATA: join(dir, "data"),
    LAMPROOM_BASE_URL: url,
    LAMPROOM_SECRET: randomBytes(24).toString("hex"),
    LAMPROOM_SERVER_URL: url,
    LAMPROOM_CACHE_DIR: join(dir, "cache"),
    LAMPROOM_COLLECTOR_KEY: undefined,
    LAMPROOM_ADDRESS_REQUESTS_PER_MINUTE: "0",
    PORT: String(webPort),
    HOST: "127.0.0.1",
  }
  let webPortOfFarm: number | null = null
  let enrolled = false

  const secondUrl = `http://127.0.0.1:${secondPort}`
  const begin = async (name: ProcessName, begun: { nodeArgs?: string[] } = {}): Promise<void> => {
    const args =
      name === "simulator"
        ? [
            "--farm",
            join(dir, "farm.json"),
            "--control",
            String(controlPort),
            "--journal",
            join(dir, "acts.jsonl"),
            "--journal-reads",
            ...(options.simulatorArgs ?? []),
          ]
        : []
    const env = { ...environment }
    if (name === "collector" && !enrolled) {
      const targets = (options.targets ?? []).map((value) => ({ value, webPort: webPortOfFarm }))
      env.LAMPROOM_ENROLL_CODE = (
        await createEnrollmentCode(ctx, { siteId, deviceName: "Test collector", targets })
      ).code
      enrolled = true
    }
    if (name === "web-2") env.PORT = String(secondPort)
    if (name === "collector-2") {
      env.LAMPROOM_CACHE_DIR = join(dir, "cache-2")
      env.LAMPROOM_COLLECTOR_KEY = readFileSync(join(dir, "cache", "collector-key"), "utf8").split("\n")[0]
    }
    if (name === "simulator" || name.startsWith("collector")) env.DATABASE_URL = undefined
    const child = spawn(process.execPath, [...(begun.nodeArgs ?? []), SCRIPTS[name], ...args], {
      cwd: ROOT,
      env: childEnvironment(env),
      stdio: ["ignore", "pipe", "pipe"],
    })
    children.set(name, child)
    const logFile = createWriteStream(join(dir, `${name}.log`), { flags: "a" })
    child.stderr?.pipe(logFile)
    if (name === "simulator") webPortOfFarm = await firstReadyLine(child)
    else child.stdout?.pipe(logFile)
    if (name === "web" || name === "web-2")
      await untilAnswers(`${name === "web" ? url : secondUrl}/healthz`, child)
  }
  const end = async (name: ProcessName, signal: NodeJS.Signals): Promise<void> => {
    const child = children.get(name)
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((done) => child.once("exit", done))
    child.kill(signal)
    await gone
  }

  const product: Product = {
    dir,
    url,
    controlUrl: `http://127.0.0.1:${controlPort}`,
    secondUrl,
    databaseUrl: server.url,
    database,
    ctx,
    siteId,
    admin,
    cookie: async (userId) => {
      const [row] = await database.sql<
        { id: number }[]
      >`select id from user_access where email = ${admin.email}`
      const { token } = await openSessions(services).create(userId ?? row?.id ?? 0, {
        address: null,
        userAgent: "harness",
      })
      return serializeSessionCookie(token, { secure: false }).split(";")[0] ?? ""
    },
    start: begin,
    end,
    ended: (name) => {
      const child = children.get(name)
      if (!child || child.exitCode !== null || child.signalCode !== null)
        return Promise.resolve(child?.signalCode ?? child?.exitCode ?? null)
      return new Promise((done) => child.once("exit", (code, signal) => done(signal ?? code)))
    },
    killDatabase: async () => {
      process.kill(server.pid, "SIGKILL")
      await untilGone(server.pid)
    },
    startDatabase: async () => {
      server = await startEmbedded(join(dir, "data"), { port: databasePort })
    },
    webPort: () => webPortOfFarm ?? 80,
    pid: (name) => children.get(name)?.pid ?? 0,
    journal: () => readJournal(join(dir, "acts.jsonl")),
    logs: (name) => {
      const file = join(dir, `${name}.log`)
      return existsSync(file) ? readFileSync(file, "utf8") : ""
    },
    stop: async () => {
      for (const name of STOP_ORDER) await end(name, "SIGTERM")
      await queue.stop().catch(() => {})
      await database.close()
      await server.stop()
      removeEmbeddedData(join(dir, "data"))
      rmSync(dir, { recursive: true, force: true })
    },
  }
  for (const name of options.processes ?? (["web", "worker", "simulator", "collector"] as const))
    await begin(name)
  return product
}

/** Waits until `condition` holds, looking every `everyMs`. Throws with `what` after `withinMs`. */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  withinMs = 60_000,
  everyMs = 100,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs / 1000} s in vain: ${what}`)
    await wait(everyMs)
  }
}

function readJournal(path: string): Record<string, unknown>[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

function firstReadyLine(child: ChildProcess): Promise<number | null> {
  return new Promise((done, fail) => {
    let text = ""
    child.stdout?.on("data", (part: Buffer) => {
      text += part.toString()
      const line = text
        .split("\n")
        .find((candidate) => candidate.startsWith('{"ready"') && candidate.endsWith("}"))
      if (line) done((JSON.parse(line) as { web_port: number | null }).web_port)
    })
    child.once("exit", (code) => fail(new Error(`The simulator ended with ${code} before it was ready.`)))
  })
}

async function untilAnswers(address: string, child: ChildProcess): Promise<void> {
  await until(`${address} answers`, async () => {
    if (child.exitCode !== null) throw new Error(`The web process ended with ${child.exitCode}.`)
    return fetch(address).then(
      (answer) => answer.ok,
      () => false,
    )
  })
}

async function untilGone(pid: number): Promise<void> {
  await until(`process ${pid} is gone`, () => {
    try {
      return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
    } catch {
      return true
    }
  })
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((done) => {
          const server = createServer().listen(0, "127.0.0.1", () => done(server))
        }),
    ),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join, resolve } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { openDatabase } from "#db/client.ts"
import { findEmbedded, startEmbedded } from "#db/embedded.ts"
import { migrateDatabase } from "#db/migrate.ts"
import { resolveDatabase } from "#db/resolve.ts"
import { askControl } from "#edge/simulator/control-client.ts"
import { ensureFirstAdmin } from "../auth/ensure-first-admin.ts"
import { createEnrollmentCode } from "../collectors/create-enrollment-code.ts"
import { createContext, type Services } from "../context.ts"
import { resolveSecret } from "../http/secret.ts"
import { createLog } from "../log.ts"
import { migrateQueue, openQueue } from "../queue.ts"
import { buildApp } from "./build-app.ts"
import { type Supervised, supervise } from "./child-process.ts"
import { readCommandLine } from "./command-line.ts"
import {
  type DemoLogin,
  demoDead,
  demoFarm,
  demoSiteSlugs,
  demoTargets,
  finishDemo,
  isDemo,
  seedDemo,
} from "./demo-company.ts"

/**
 * The whole product in one command: PostgreSQL, web, worker and, in a database with the demo company, the simulated
 * farm with its collectors. Ctrl-C stops every process, PostgreSQL last. `dev`: pages reload as they are written.
 */
export async function runAllInOne(mode: { dev: boolean }): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void shutDown(0))
  try {
    await start(mode)
  } catch (error) {
    if (stopping.signal.aborted) return
    console.error(error instanceof Error ? error.message : String(error))
    await shutDown(1)
  }
}

const REMIX = createRequire(import.meta.url).resolve("@remix-run/dev/dist/cli.js")
const WATCHED_WEB =
  "node --watch --watch-path=./server --watch-path=./db --watch-preserve-output server/main.ts"

const { config } = readCommandLine(`
npm start     PostgreSQL, web, worker and, into an empty database, a demo company with its simulated farm
npm run dev   the same, with live reload
              PORT, HOST, DATABASE_URL, LAMPROOM_DATA, LAMPROOM_DEMO=0, LAMPROOM_ADMIN_EMAIL, LAMPROOM_ADMIN_PASSWORD
`)
const log = createLog({
  name: "start",
  level: config.LAMPROOM_LOG_LEVEL === "info" ? "warn" : config.LAMPROOM_LOG_LEVEL,
})
const dataDir = resolve(config.LAMPROOM_DATA)
const running: Supervised[] = []
const stopping = new AbortController()
let release: () => Promise<void> = async () => {}

async function start({ dev }: { dev: boolean }): Promise<void> {
  if (!dev && buildApp()) console.log("Built the pages.")
  const database = await resolveDatabase(config)
  release = database.release
  if (database.embedded) void keepDatabaseAlive()
  await migrateDatabase(database, new Date())
  await migrateQueue(database.url)

  const handle = openDatabase(database.url, { max: 2, name: "lamproom-start" })
  const queue = await openQueue({ databaseUrl: database.url, worker: false, log })
  const services: Services = {
    sql: handle.sql,
    db: handle.db,
    queue,
    vault: null,
    now: () => new Date(),
    log,
  }
  try {
    const admin = await ensureFirstAdmin(services, {
      email: config.LAMPROOM_ADMIN_EMAIL,
      password: config.LAMPROOM_ADMIN_PASSWORD,
    })
    const logins: DemoLogin[] = admin.created
      ? [
          {
            who: "admin",
            email: config.LAMPROOM_ADMIN_EMAIL,
            password: config.LAMPROOM_ADMIN_PASSWORD ?? admin.password ?? "",
          },
        ]
      : []
    if (config.LAMPROOM_DEMO === "auto") logins.push(...((await seedDemo(services)) ?? []))

    const environment = {
      ...plainEnvironment(dev),
      DATABASE_URL: database.url,
      DATABASE_OWNER_URL: undefined,
      LAMPROOM_LOG_LEVEL: log.level,
    }
    const process_ = (name: string, script: string, env = {}, args: string[] = []) =>
      running.push(supervise({ name, script, args, env: { ...environment, ...env }, log }))
    if (dev)
      process_("web", REMIX, {}, ["dev", "--manual", "--port", String(config.PORT + 1), "-c", WATCHED_WEB])
    else process_("web", "server/main.ts")
    process_("worker", "jobs/main.ts")
    const address = `http://${config.HOST}:${config.PORT}`
    await untilReady(address)
    announce(address, logins)
    if (config.LAMPROOM_DEMO === "auto" && (await isDemo(services)))
      await startDemo(services, environment, address)
  } finally {
    await queue.stop()
    await handle.close()
  }
}

/** The simulator, one collector a site (enrolled through the gateway at its first start), then owners and places. */
async function startDemo(
  services: Services,
  environment: Record<string, string | undefined>,
  address: string,
): Promise<void> {
  const network = config.LAMPROOM_DEMO_NETWORK
  const controlPort = 4_000 + network
  const farmFile = join(dataDir, "demo-farm.json")
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(farmFile, JSON.stringify(demoFarm(network)))
  const webPort = await new Promise<number | null>((done) => {
    const simulator = supervise({
      name: "simulator",
      script: "edge/simulator/main.ts",
      args: ["--farm", farmFile, "--control", String(controlPort)],
      env: { ...environment, DATABASE_URL: undefined },
      log,
      onLine: (line) => {
        if (line.startsWith('{"ready"')) done((JSON.parse(line) as { web_port: number | null }).web_port)
      },
    })
    running.push(simulator)
  })

  const ctx = createContext(services, {
    actor: { kind: "system", name: "seed" },
    requestId: randomUUID(),
    source: "cli",
  })
  for (const key of ["a", "b"] as const) {
    const slug = demoSiteSlugs[key]
    const cacheDir = join(dataDir, `collector-${slug}`)
    // The key file is what an enrolment leaves; a collector that lost its disk gets a new key and keeps its machines.
    let code: string | undefined
    if (!existsSync(join(cacheDir, "collector-key"))) {
      const [site] = await services.sql<{ id: number; name: string; deviceId: number | null }[]>`
        select s.id, s.name, min(d.id) filter (where d.revoked_at is null) as "deviceId"
        from hosting_sites s left join edge_devices d on d.site_id = s.id where s.slug = ${slug} group by s.id`
      if (!site) continue
      const again =
        site.deviceId === null
          ? { targets: [{ value: demoTargets(network)[key], webPort }] }
          : { deviceId: site.deviceId }
      code = (
        await createEnrollmentCode(ctx, { siteId: site.id, deviceName: `${site.name} collector`, ...again })
      ).code
    }
    const env = {
      ...environment,
      DATABASE_URL: undefined,
      LAMPROOM_SERVER_URL: address,
      LAMPROOM_CACHE_DIR: cacheDir,
      LAMPROOM_ENROLL_CODE: code,
    }
    running.push(supervise({ name: `collector ${slug}`, script: "edge/collector/main.ts", env, log }))
  }
  while (!stopping.signal.aborted && !(await finishDemo(services, network))) await pause(1_000)
  if (stopping.signal.aborted) return
  for (const dead of demoDead(network))
    await askControl(controlPort, `/miners/${dead}/fault`, { kind: "offline" })
}

/** The embedded server is started again when it was killed; the processes reconnect by themselves. */
async function keepDatabaseAlive(): Promise<void> {
  while (!stopping.signal.aborted) {
    await pause(1_000)
    if (stopping.signal.aborted || findEmbedded(config.LAMPROOM_DATA)) continue
    log.error({ process: "postgres" }, "PostgreSQL ended by itself; starting it again")
    try {
      const again = await startEmbedded(config.LAMPROOM_DATA)
      release = again.stop
    } catch (error) {
      log.error({ err: error }, "PostgreSQL does not start")
    }
  }
}

async function untilReady(address: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!stopping.signal.aborted) {
    const ready = await fetch(`${address}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ready) return
    if (performance.now() > deadline || (running[0]?.restarts() ?? 0) > 2)
      throw new Error(
        `The web process does not answer on ${address}. Is the port taken? Set PORT to another one, or run npm run doctor.`,
      )
    await pause(100)
  }
}

function announce(address: string, logins: DemoLogin[]): void {
  const lines = [`Lamproom is running on ${address}`]
  if (logins.length > 0) {
    const width = Math.max(...logins.map((login) => login.email.length))
    const who = Math.max(...logins.map((login) => login.who.length))
    lines.push(
      "",
      "First logins, shown this once:",
      ...logins.map((login) => `  ${login.who.padEnd(who)}  ${login.email.padEnd(width)}  ${login.password}`),
    )
  }
  lines.push("", "Ctrl-C stops every process.")
  console.log(`\n${lines.join("\n")}\n`)
}

/** What children inherit of this configuration. */
function plainEnvironment(dev: boolean): Record<string, string | undefined> {
  return {
    NODE_ENV: dev ? "development" : "production",
    PORT: String(config.PORT),
    HOST: config.HOST,
    LAMPROOM_DATA: config.LAMPROOM_DATA,
    // On one machine both can be derived, also with a database of one's own.
    LAMPROOM_BASE_URL: config.LAMPROOM_BASE_URL ?? `http://${config.HOST}:${config.PORT}`,
    LAMPROOM_SECRET: resolveSecret(config),
    LAMPROOM_COLLECTOR_KEY: undefined,
    LAMPROOM_ENROLL_CODE: undefined,
  }
}

/** Stops in order: collectors, simulator, worker, web (the reverse of their start), then the database. */
async function shutDown(code: number): Promise<void> {
  if (stopping.signal.aborted) return
  stopping.abort()
  for (const child of running.toReversed()) await child.stop()
  await release()
  process.exit(code)
}

async function pause(ms: number): Promise<void> {
  await wait(ms, undefined, { signal: stopping.signal }).catch(() => {})
}

import "./node-version.ts"
import { existsSync, readFileSync, statfsSync } from "node:fs"
import { createServer } from "node:net"
import { join, resolve } from "node:path"
import { type Database, openDatabase } from "#db/client.ts"
import { findEmbedded } from "#db/embedded.ts"
import { MIGRATIONS_FOLDER } from "#db/migrate.ts"
import { readAuditGuard } from "#db/queries/audit-guard.ts"
import { readWorkerLife, selectUnknownZones } from "#db/queries/worker-life.ts"
import type { Config } from "../config.ts"
import { readCommandLine } from "./command-line.ts"

/** `npm run doctor`: one line a check, what is wrong and how to mend it; exit 1 when something is. Changes nothing. */
type Finding = { state: "ok" | "note" | "wrong"; what: string; mend?: string }

const { config } = readCommandLine(`
npm run doctor   says what is wrong with this machine and how to mend it: Node, database, ports, browser, migrations, disk, clock, worker, time zones
`)

function checkNode(): Finding {
  return { state: "ok", what: `Node ${process.versions.node} on ${process.platform}/${process.arch}` }
}

async function checkDatabase(settings: Config): Promise<Finding[]> {
  const url = settings.DATABASE_URL ?? findEmbedded(settings.LAMPROOM_DATA)?.url
  if (!url)
    return [
      {
        state: "note",
        what: "embedded PostgreSQL is not running",
        mend: "npm start starts it; nothing to do",
      },
    ]
  const { sql, db, close } = openDatabase(url, { max: 1, name: "lamproom-doctor" })
  try {
    const [server] = await sql<{ version: string; number: number; skewS: number }[]>`
      select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
             extract(epoch from clock_timestamp() - ${new Date()}::timestamptz)::float8 as "skewS"`
    const findings: Finding[] = []
    if (server) {
      findings.push(
        server.number >= 150_000
          ? {
              state: "ok",
              what: `PostgreSQL ${server.version} (${settings.DATABASE_URL ? "DATABASE_URL" : "embedded"})`,
            }
          : {
              state: "wrong",
              what: `PostgreSQL ${server.version} is too old`,
              mend: "use PostgreSQL 15 or newer",
            },
      )
      findings.push(
        Math.abs(server.skewS) < 5
          ? {
              state: "ok",
              what: `clock agrees with the database within ${Math.abs(server.skewS).toFixed(1)} s`,
            }
          : {
              state: "wrong",
              what: `clock differs from the database by ${server.skewS.toFixed(0)} s`,
              mend: "run a time service (chrony, systemd-timesyncd) on both machines",
            },
      )
    }
    findings.push(await checkMigrations(sql))
    findings.push(...(await checkAudit(db, settings)))
    findings.push(await checkWorker(db), await checkZones(db))
    return findings
  } catch (error) {
    return [
      {
        state: "wrong",
        what: `the database does not answer: ${(error as Error).message}`,
        mend: "check DATABASE_URL, that the server runs and lets this machine in",
      },
    ]
  } finally {
    await close()
  }
}

async function checkMigrations(sql: ReturnType<typeof openDatabase>["sql"]): Promise<Finding> {
  const wanted = (
    JSON.parse(readFileSync(join(MIGRATIONS_FOLDER, "meta/_journal.json"), "utf8")) as { entries: unknown[] }
  ).entries.length
  const [table] = await sql<
    { there: boolean }[]
  >`select to_regclass('drizzle.__drizzle_migrations') is not null as there`
  const applied = table?.there
    ? ((await sql<{ n: number }[]>`select count(*)::int as n from drizzle.__drizzle_migrations`)[0]?.n ?? 0)
    : 0
  if (applied === wanted) return { state: "ok", what: `${applied} of ${wanted} migrations applied` }
  if (applied > wanted)
    return {
      state: "wrong",
      what: "the database is newer than this version of Lamproom",
      mend: "update this checkout",
    }
  return { state: "wrong", what: `${applied} of ${wanted} migrations applied`, mend: "npm run migrate" }
}

/** Whether the application could change what it wrote into the audit log, and whether somebody seals it. */
async function checkAudit(db: Database, settings: Config): Promise<Finding[]> {
  const guard = await readAuditGuard(db, new Date(Date.now() - 60_000))
  if (!guard) return []
  const findings: Finding[] = []
  if (guard.disarmed)
    findings.push({
      state: "wrong",
      what: "triggers that guard the audit log are missing or disabled",
      mend: "find out who did it, enable them, then: npm run admin -- verify-audit",
    })
  if (!guard.mayDisarm)
    findings.push({ state: "ok", what: `role "${guard.role}" can append to the audit log and not change it` })
  else if (settings.DATABASE_URL)
    findings.push({
      state: "note",
      what: `role "${guard.role}" of DATABASE_URL ${guard.superuser ? "is a superuser" : "owns the audit log"}: triggers refuse changes, but it could remove them`,
      mend: guard.superuser
        ? `as superuser: CREATE ROLE lamproom_app LOGIN PASSWORD '…'; then set DATABASE_OWNER_URL to what DATABASE_URL is, DATABASE_URL to lamproom_app, and npm run migrate`
        : `as superuser: CREATE ROLE lamproom_app LOGIN PASSWORD '…'; GRANT lamproom_app TO "${guard.role}"; then set DATABASE_OWNER_URL to what DATABASE_URL is, DATABASE_URL to lamproom_app, and npm run migrate`,
    })
  else
    findings.push({
      state: "note",
      what: `role "${guard.role}" could change the audit log`,
      mend: "npm start separates the roles",
    })
  if (guard.late > 0)
    findings.push({
      state: "wrong",
      what: `${guard.late} rows of the audit log have waited for their seal for more than a minute`,
      mend: "start the worker: npm run worker",
    })
  return findings
}

const EVERY_MINUTE = "fleet.detect-offline"
const LATE_MS = 5 * 60_000

/** Whether somebody runs the schedules: detection of dead machines, expiry, roll-ups, scans. */
async function checkWorker(db: Database): Promise<Finding> {
  const { lastRunAt } = await readWorkerLife(db, EVERY_MINUTE)
  if (lastRunAt === null)
    return {
      state: "note",
      what: "no worker has run its schedules here yet",
      mend: "npm start brings one; in production npm run worker",
    }
  const agoMs = Date.now() - lastRunAt.getTime()
  return agoMs < LATE_MS
    ? { state: "ok", what: `a worker runs the schedules, last ${Math.round(agoMs / 1000)} s ago` }
    : {
        state: "note",
        what: `no worker has run the schedules since ${lastRunAt.toISOString()}`,
        mend: "start npm run worker, and look into its log if it runs",
      }
}

/** Times are kept in UTC; each site shows and schedules by its own zone. */
async function checkZones(db: Database): Promise<Finding> {
  const unknown = await selectUnknownZones(db)
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  return unknown.length === 0
    ? { state: "ok", what: `every site has a time zone that the database knows; this machine's is ${here}` }
    : {
        state: "wrong",
        what: `unknown time zones: ${unknown.map(({ slug, timezone }) => `${slug} (${timezone})`).join(", ")}`,
        mend: "choose another zone in the site's settings, or install the database server's time zone data",
      }
}

function checkPort(settings: Config): Promise<Finding> {
  return new Promise((done) => {
    const server = createServer()
    server.once("error", (error: NodeJS.ErrnoException) =>
      done(
        error.code === "EADDRINUSE"
          ? {
              state: "note",
              what: `port ${settings.PORT} is in use`,
              mend: "fine if Lamproom runs there; else set PORT to a free one",
            }
          : {
              state: "wrong",
              what: `cannot listen on ${settings.HOST}:${settings.PORT} (${error.code})`,
              mend: "choose another PORT or HOST",
            },
      ),
    )
    server.listen(settings.PORT, settings.HOST, () =>
      server.close(() => done({ state: "ok", what: `port ${settings.PORT} is free` })),
    )
  })
}

function checkDisk(settings: Config): Finding {
  const folder = existsSync(settings.LAMPROOM_DATA) ? settings.LAMPROOM_DATA : "."
  const disk = statfsSync(resolve(folder))
  const freeGb = (disk.bavail * disk.bsize) / 1e9
  return freeGb > 5
    ? { state: "ok", what: `${freeGb.toFixed(0)} GB free for ${settings.LAMPROOM_DATA}` }
    : {
        state: "wrong",
        what: `only ${freeGb.toFixed(1)} GB free for ${settings.LAMPROOM_DATA}`,
        mend: "free some space; telemetry needs about 1 GB for 1,000 machines",
      }
}

async function checkBrowser(settings: Config): Promise<Finding> {
  try {
    const { findBrowser } = await import("./browser.ts")
    const browser = findBrowser(settings.CHROMIUM_PATH, "present")
    return { state: "ok", what: `browser for the tests: ${browser.origin}` }
  } catch (error) {
    return { state: "note", what: (error as Error).message, mend: "only npm test needs it" }
  }
}

function checkSecrets(settings: Config): Finding {
  if (settings.NODE_ENV !== "production" || !settings.DATABASE_URL)
    return { state: "ok", what: "secret and address are derived for this machine" }
  const missing = [
    settings.LAMPROOM_BASE_URL ? null : "LAMPROOM_BASE_URL",
    settings.LAMPROOM_SECRET ? null : "LAMPROOM_SECRET",
  ].filter((name) => name !== null)
  return missing.length === 0
    ? { state: "ok", what: "LAMPROOM_BASE_URL and LAMPROOM_SECRET are set" }
    : {
        state: "wrong",
        what: `${missing.join(" and ")} not set`,
        mend: "set them in the environment or .env before production",
      }
}

const findings = [
  checkNode(),
  ...(await checkDatabase(config)),
  await checkPort(config),
  checkDisk(config),
  checkSecrets(config),
  await checkBrowser(config),
]
for (const finding of findings)
  console.log(
    `${finding.state.padEnd(5)}  ${finding.what}${finding.mend && finding.state !== "ok" ? `\n       → ${finding.mend}` : ""}`,
  )
process.exit(findings.some((finding) => finding.state === "wrong") ? 1 : 0)

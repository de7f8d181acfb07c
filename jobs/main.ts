import { fileURLToPath } from "node:url"
import { openDatabase } from "#db/client.ts"
import { type ResolvedDatabase, resolveDatabase } from "#db/resolve.ts"
import type { Config } from "#server/config.ts"
import { createLog, type Log } from "#server/log.ts"
import { openQueue } from "#server/queue.ts"
import { runService } from "#server/run-service.ts"
import { sealOnNotify } from "./audit/seal-on-notify.ts"
import { registerJobs } from "./register.ts"

/** Worker: everything that happens by itself. The composition root of the process; run as many as you like. */
export type Worker = { close: () => Promise<void> }

/** Starts the worker in this process. Throws what kept the database or the queue from opening. */
export async function startWorker(
  config: Config,
  options: { log?: Log; now?: () => Date; database?: ResolvedDatabase } = {},
): Promise<Worker> {
  const log = options.log ?? createLog({ name: "worker", level: config.LAMPROOM_LOG_LEVEL })
  const undo: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const database = options.database ?? (await resolveDatabase(config))
    undo.push(database.release)
    const handle = openDatabase(database.url, { max: config.DATABASE_POOL, name: "lamproom-worker" })
    undo.push(handle.close)
    const queue = await openQueue({ databaseUrl: database.url, worker: true, log })
    undo.push(queue.stop)
    const services = {
      sql: handle.sql,
      db: handle.db,
      queue,
      vault: null,
      now: options.now ?? (() => new Date()),
      log,
    }
    undo.push((await sealOnNotify(services)).close)
    await registerJobs(services)
    log.info("worker is running")
    return { close }
  } catch (error) {
    await close()
    throw error
  }
}

const HELP = `Usage: npm run worker -- [--database-url postgres://…] [--lamproom-…]

Runs the jobs: dispatch and expiry of commands, roll-up and pruning of telemetry, detection of what fell silent, and
sealing of the audit log.
Run one or more beside the web process, on the same database. Needs the database migrated (npm run migrate).
`

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runService({
    help: HELP,
    start: async (config) => ({ ...(await startWorker(config)), running: "Lamproom worker is running" }),
  })

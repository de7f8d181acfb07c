import { sql as statement } from "drizzle-orm"
import { fromDrizzle, type JobResult, PgBoss } from "pg-boss"
import type { Executor } from "#db/client.ts"
import { JOBS, type JobName, type JobPayload } from "./contract/jobs.ts"
import type { Log } from "./log.ts"

/** The job queue, in the same PostgreSQL. The only file that imports pg-boss. */
export type Queue = {
  /** Sends a job in the caller's transaction: it exists if and only if that commits. */
  send: <N extends JobName>(
    executor: Executor,
    name: N,
    payload: JobPayload<N>,
    options?: { singletonKey?: string; startAfterS?: number },
  ) => Promise<void>
  /** Starts handling a queue. The payload was parsed by its schema. */
  work: <N extends JobName>(name: N, handler: (payload: JobPayload<N>) => Promise<void>) => Promise<void>
  /** Jobs waiting, by queue. */
  depths: () => Promise<Record<string, number>>
  stop: () => Promise<void>
}

const SCHEMA = "pgboss"

/** Installs or upgrades the queue's schema and the catalogue's queues. Idempotent. */
export async function migrateQueue(databaseUrl: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    schema: SCHEMA,
    max: 1,
    supervise: false,
    schedule: false,
  })
  boss.on("error", () => {})
  await boss.start()
  try {
    for (const [name, job] of Object.entries(JOBS)) {
      const options = {
        retryLimit: job.retryLimit,
        retryBackoff: true,
        expireInSeconds: job.expireInSeconds,
        notify: true,
      }
      if (await boss.getQueue(name)) await boss.updateQueue(name, options)
      else await boss.createQueue(name, { ...options, policy: job.cron ? "short" : "standard" })
    }
  } finally {
    await boss.stop({ graceful: false })
  }
}

/**
 * Opens the queue. `worker` also runs its upkeep and the catalogue's crons; the web process only sends.
 */
export async function openQueue(options: { databaseUrl: string; worker: boolean; log: Log }): Promise<Queue> {
  const boss = new PgBoss({
    connectionString: options.databaseUrl,
    schema: SCHEMA,
    migrate: false,
    createSchema: false,
    supervise: options.worker,
    schedule: options.worker,
    max: options.worker ? 4 : 2,
    useListenNotify: options.worker,
  })
  boss.on("error", (error) => options.log.error({ err: error }, "queue error"))
  await boss.start()
  if (options.worker)
    for (const [name, job] of Object.entries(JOBS))
      if (job.cron) await boss.schedule(name, job.cron, {}, { tz: "UTC" })
  return {
    async send(executor, name, payload, sending = {}) {
      const data = JOBS[name].schema.parse(payload) as object
      await boss.send(name, data, {
        db: fromDrizzle(executor, statement),
        ...(sending.singletonKey === undefined ? {} : { singletonKey: sending.singletonKey }),
        ...(sending.startAfterS === undefined ? {} : { startAfter: sending.startAfterS }),
      })
    },
    async work(name, handler) {
      await boss.work(
        name,
        // Notifications wake it at once, but one may stand for several jobs: a full batch is followed by another.
        // Delayed jobs are found by polling, which would relax to 30 s.
        {
          batchSize: 16,
          perJobResults: true,
          pollingIntervalSeconds: 2,
          notifyPollingIntervalSeconds: 3,
          burstWhenBatchFull: true,
        },
        async (jobs: { id: string; data: unknown }[]) => {
          const results: JobResult[] = []
          for (const job of jobs)
            results.push(
              await settle(job.id, async () =>
                handler(JOBS[name].schema.parse(job.data) as Parameters<typeof handler>[0]),
              ),
            )
          return results
        },
      )
    },
    async depths() {
      const queues = await boss.getQueues()
      return Object.fromEntries(queues.map((queue) => [queue.name, queue.queuedCount ?? 0]))
    },
    stop: () => boss.stop({ graceful: true, timeout: 10_000 }),
  }
}

/** One job's outcome: a failed one is tried again alone, the rest of its batch is done. */
async function settle(id: string, run: () => Promise<void>): Promise<JobResult> {
  try {
    await run()
    return { id, status: "completed" }
  } catch (error) {
    return {
      id,
      status: "failed",
      output: { message: error instanceof Error ? error.message : String(error) },
    }
  }
}

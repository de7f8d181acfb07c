import { randomUUID } from "node:crypto"
import { afterEach, describe, expect, it } from "vitest"
import { readJobRuns } from "#db/queries/job-runs.ts"
import { useDatabase } from "#db/test/database.ts"
import { readConfig } from "#server/config.ts"
import type { Services } from "#server/context.ts"
import { DomainError } from "#server/contract/errors.ts"
import { JOBS, type JobName } from "#server/contract/jobs.ts"
import { silentLog } from "#server/log.ts"
import { openQueue, type Queue } from "#server/queue.ts"
import { startWorker, type Worker } from "./main.ts"
import { HANDLERS, runJob } from "./register.ts"
import { FOLLOW_UP_S } from "./schedules.ts"

describe("jobs", () => {
  const database = useDatabase({ max: 4 })
  const workers: Worker[] = []
  let queue: Queue | undefined
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()))
    await queue?.stop()
    queue = undefined
  })
  const openServices = async (): Promise<Services> => {
    queue = await openQueue({ databaseUrl: database.url, worker: false, log: silentLog })
    return { sql: database.sql, db: database.db, queue, vault: null, now: () => new Date(), log: silentLog }
  }
  const start = async () => {
    const config = readConfig([], { DATABASE_URL: database.url, DATABASE_POOL: "3" })
    workers.push(await startWorker(config, { log: silentLog }))
  }
  const successes = async () =>
    (await readJobRuns(database.sql)).filter((run) => run.lastSuccessAt).map((run) => run.name)

  it("have a handler each", () => {
    expect(Object.keys(HANDLERS).sort()).toEqual(Object.keys(JOBS).sort())
    for (const name of Object.keys(FOLLOW_UP_S)) expect(JOBS[name as JobName].cron).not.toBeNull()
  })

  it("run under two workers at once and leave their record", async () => {
    const services = await openServices()
    await Promise.all([start(), start()])
    const commandId = randomUUID()
    for (const name of Object.keys(JOBS) as JobName[])
      for (const copy of [1, 2])
        await services.queue.send(
          services.db,
          name,
          name === "command.dispatch" ? { siteId: 1, commandId } : {},
          { singletonKey: `test ${copy}` },
        )
    await expect.poll(successes, { timeout: 20_000 }).toEqual(Object.keys(JOBS).sort())
    for (const run of await readJobRuns(database.sql)) {
      expect(run.lastError).toBeNull()
      expect(run.lastDurationMs).toBeGreaterThanOrEqual(0)
    }
    const followUps = await database.sql`
      select name, count(*)::int as n from pgboss.job
      where singleton_key = 'follow-up' and state = 'created' group by 1 order by 1`
    expect(followUps).toEqual([
      { name: "command.advance-waves", n: 1 },
      { name: "fleet.detect-offline", n: 1 },
      { name: "telemetry.rollup", n: 1 },
    ])
  })

  it("can run at the same moment, every one of them, twice", async () => {
    const services = await openServices()
    const payload = { siteId: 1, commandId: randomUUID() }
    for (const name of Object.keys(JOBS) as JobName[])
      await Promise.all([runJob(services, name, payload), runJob(services, name, payload)])
  })

  it("record what went wrong, and leave only to the queue what another try can mend", async () => {
    const services = await openServices()
    const failing = { ...services, sql: services.sql, now: () => new Date() }
    const original = HANDLERS["session.prune"]
    try {
      HANDLERS["session.prune"] = async () => {
        throw new Error("the disk is gone")
      }
      await expect(runJob(failing, "session.prune", {})).rejects.toThrow("the disk is gone")
      HANDLERS["session.prune"] = async () => {
        throw new DomainError("NOT_FOUND", "It is gone for good.")
      }
      await runJob(failing, "session.prune", {})
    } finally {
      HANDLERS["session.prune"] = original
    }
    const run = (await readJobRuns(database.sql)).find((one) => one.name === "session.prune")
    expect(run?.lastError).toContain("It is gone for good.")
  })
})

import { afterEach, describe, expect, it } from "vitest"
import { openDatabase } from "#db/client.ts"
import { useDatabase } from "#db/test/database.ts"
import { createClock, createFixtures } from "#db/test/fixtures.ts"
import { verifyAudit } from "#server/audit/verify-audit.ts"
import { writeAudit } from "#server/audit/write-audit.ts"
import { sealOnNotify } from "./seal-on-notify.ts"

describe("sealing when the database tells of new rows (decision 25)", () => {
  const database = useDatabase({ max: 5 })
  const make = createFixtures(database, createClock().now)
  const open: { close: () => Promise<void> }[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()))
  })
  const start = async () => {
    open.push(await sealOnNotify(make.services()))
  }
  let written = 0
  const write = async (executor: Parameters<typeof writeAudit>[0] = database.db) => {
    await writeAudit(executor, make.system(), {
      action: "thing.note",
      siteId: null,
      subjectType: "thing",
      subjectId: ++written,
    })
  }
  const allSealed = async () =>
    expect
      .poll(() => verifyAudit(make.system()), { timeout: 20_000, interval: 20 })
      .toMatchObject({ ok: true, rows: written, waiting: 0 })

  it("seals what waits at the start, and every commit after it, under two workers", async () => {
    await write()
    await Promise.all([start(), start()])
    await allSealed()
    await Promise.all(Array.from({ length: 40 }, () => write()))
    await allSealed()
    await database.db.transaction(async (tx) => {
      for (let n = 0; n < 30; n += 1) await write(tx)
    })
    await allSealed()
  })

  it("goes on after its connection was lost, with what was missed", async () => {
    await start()
    const [lost] = await database.sql<{ pid: number }[]>`
      select pid, pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query ilike 'listen %lamproom_audit%' and pid <> pg_backend_pid()`
    expect(lost?.pid).toBeGreaterThan(0)
    await write()
    await allSealed()
    await write()
    await allSealed()
  })

  it("tries again after a failure, and stops when it is closed", async () => {
    await start()
    const owner = openDatabase(database.ownerUrl, { max: 1, name: "owner" })
    open.push(owner)
    await owner.sql.begin(async (tx) => {
      await tx`lock table audit_chain in access exclusive mode`
      await write()
      await expect
        .poll(() => tx`select pid from pg_locks where not granted and relation = 'audit_chain'::regclass`, {
          timeout: 20_000,
        })
        .not.toHaveLength(0)
      await tx`select pg_terminate_backend(pid) from pg_locks where not granted and relation = 'audit_chain'::regclass`
    })
    await allSealed()
    await Promise.all(open.splice(0).map((one) => one.close()))
    await write()
    expect(await verifyAudit(make.system())).toMatchObject({ waiting: 1 })
  })
})

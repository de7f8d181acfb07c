import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import { silentLog } from "./log.ts"
import { openQueue, type Queue } from "./queue.ts"

describe("the queue", () => {
  const database = useDatabase()
  let queue: Queue
  beforeAll(async () => {
    queue = await openQueue({ databaseUrl: database.url, worker: true, log: silentLog })
  })
  afterAll(() => queue.stop())

  it("does jobs that came in one transaction one after the other, and a failed one does not take the rest along", async () => {
    const ids = Array.from({ length: 20 }, () => randomUUID())
    const done: string[] = []
    const all = new Promise<void>((resolve) => {
      void queue.work("command.dispatch", async ({ commandId }) => {
        done.push(commandId)
        if (done.length === ids.length) resolve()
        if (commandId === ids[1]) throw new Error("this one fails")
      })
    })
    await database.db.transaction(async (tx) => {
      for (const commandId of ids) await queue.send(tx, "command.dispatch", { siteId: 1, commandId })
    })
    await all
    expect(new Set(done)).toEqual(new Set(ids))
    const states = async () => {
      const rows = await database.sql<{ state: string; n: number }[]>`
        select state, count(*)::int as n from pgboss.job where name = 'command.dispatch' group by 1`
      return Object.fromEntries(rows.map((row) => [row.state, row.n]))
    }
    await expect.poll(states).toEqual({ completed: 19, retry: 1 })
  })

  it("does not send what is rolled back", async () => {
    const commandId = randomUUID()
    await database.db
      .transaction(async (tx) => {
        await queue.send(tx, "command.dispatch", { siteId: 1, commandId })
        throw new Error("no")
      })
      .catch(() => {})
    expect(await database.sql`select 1 from pgboss.job where data->>'commandId' = ${commandId}`).toEqual([])
  })
})

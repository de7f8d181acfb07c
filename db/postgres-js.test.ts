import { chmodSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type EmbeddedServer, startEmbedded } from "./embedded.ts"
import { removeEmbeddedData } from "./embedded-paths.ts"
import postgres from "./postgres-js.ts"

describe("a server that dies under transactions", () => {
  const dir = mkdtempSync(join(tmpdir(), "lamproom-lost-"))
  let server: EmbeddedServer
  beforeAll(async () => {
    chmodSync(dir, 0o755)
    server = await startEmbedded(dir)
  })
  afterAll(async () => {
    await server.stop()
    removeEmbeddedData(dir)
  })

  it("fails them, lets none of their later statements through, and the pool goes on", async () => {
    const sql = postgres(server.ownerUrl, { max: 4, onnotice: () => {}, backoff: () => 0.05 })
    await sql`create table kept (n int)`
    for (let round = 0; round < 3; round++) {
      const dead = Promise.withResolvers<void>()
      const begun = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
      const open = begun.map((mine, n) =>
        sql.begin(async (tx) => {
          await tx`insert into kept values (${n})`
          mine.resolve()
          await dead.promise
          await tx`insert into kept values (${n + 100})`
        }),
      )
      const outcomes = Promise.allSettled(open)
      await Promise.all(begun.map((mine) => mine.promise))
      process.kill(server.pid, "SIGKILL")
      expect((await outcomes).map((outcome) => outcome.status)).toEqual(Array(4).fill("rejected"))
      const ask = () => Promise.all(Array.from({ length: 16 }, () => sql`select pg_sleep(0.01)`))
      // The transactions' functions go on: while the connections are lost, or after they were made anew for others.
      if (round % 2 === 0) dead.resolve()
      server = await startEmbedded(dir, { port: server.port })
      await ask()
      dead.resolve()
      await ask()
      const answers = await Promise.all(Array.from({ length: 16 }, () => sql`select 1 as one`))
      expect(answers.flat()).toEqual(Array(16).fill({ one: 1 }))
    }
    expect(await sql`select * from kept`).toEqual([])
    await sql.end()
  })
})

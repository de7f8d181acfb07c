import { spawn } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { type EmbeddedServer, findEmbedded, startEmbedded } from "./embedded.ts"
import { removeEmbeddedData, resolveEmbeddedPaths } from "./embedded-paths.ts"
import postgres from "./postgres-js.ts"

describe("the embedded PostgreSQL", () => {
  const cleanUp: (() => Promise<unknown> | unknown)[] = []
  afterEach(async () => {
    for (const step of cleanUp.splice(0).reverse()) await step()
  })

  function folder(mode = 0o755): string {
    const outer = mkdtempSync(join(tmpdir(), "lamproom-embedded-"))
    chmodSync(outer, mode)
    const dir = join(outer, "data")
    mkdirSync(dir)
    cleanUp.push(() => {
      removeEmbeddedData(dir)
      rmSync(outer, { recursive: true, force: true })
    })
    return dir
  }
  async function started(
    dir: string,
    options: Parameters<typeof startEmbedded>[1] = {},
  ): Promise<EmbeddedServer> {
    const server = await startEmbedded(dir, { fast: true, ...options })
    cleanUp.push(() => server.stop())
    return server
  }
  async function ask<T>(url: string, work: (sql: import("postgres").Sql) => Promise<T>): Promise<T> {
    const sql = postgres(url, { max: 1, onnotice: () => {} })
    try {
      return await work(sql)
    } finally {
      await sql.end()
    }
  }
  const killed = async (server: EmbeddedServer, dir: string) => {
    process.kill(server.pid, "SIGKILL")
    while (findEmbedded(dir)) await new Promise((done) => setImmediate(done))
  }

  it("starts once, is adopted by the next caller, and stops cleanly", async () => {
    const dir = folder()
    const first = await started(dir)
    const second = await started(dir)
    expect([first.started, second.started, second.pid]).toEqual([true, false, first.pid])
    await first.stop()
    expect(findEmbedded(dir)).toBeNull()
  })

  it("recovers what was committed when it was killed", async () => {
    const dir = folder()
    const server = await started(dir, { fast: false })
    await ask(server.ownerUrl, (sql) => sql`create table kept as select 42 as n`)
    await killed(server, dir)
    const again = await started(dir, { fast: false })
    expect(again.started).toBe(true)
    expect(await ask(again.ownerUrl, (sql) => sql`select n from kept`)).toEqual([{ n: 42 }])
  })

  it("clears a pid file that names another program, and takes another port when its own is taken", async () => {
    const dir = folder()
    const server = await started(dir)
    const port = server.port
    await server.stop()
    const stranger = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: "pipe" })
    cleanUp.push(() => stranger.kill("SIGKILL"))
    const { data } = resolveEmbeddedPaths(dir)
    writeFileSync(
      join(data, "postmaster.pid"),
      `${stranger.pid}\n${data}\n1\n${port}\n\n127.0.0.1\n0 0\nready\n`,
    )
    const occupier = await new Promise<Server>((done) => {
      const listening = createServer().listen(port, "127.0.0.1", () => done(listening))
    })
    cleanUp.push(() => new Promise((done) => occupier.close(done)))
    const again = await started(dir)
    expect(again.port).not.toBe(port)
    expect(await ask(again.ownerUrl, (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }])
  })

  it.runIf(process.getuid?.() === 0)(
    "keeps its data where its user can reach it when the checkout's home is closed",
    async () => {
      const dir = folder(0o700)
      const server = await started(dir)
      expect(await ask(server.ownerUrl, (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }])
      const state = readFileSync(join(dir, "postgres-lies-in"), "utf8").trim()
      expect(state).toMatch(/^\/var\/lib\/lamproom\//)
      expect(existsSync(join(state, "postgres", "PG_VERSION"))).toBe(true)
    },
  )
})

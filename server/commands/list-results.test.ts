import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { exportResults, RESULT_COLUMNS } from "./export-results.ts"
import { listResults } from "./list-results.ts"
import { useFarm } from "./test/farm.ts"
import { pastCommands } from "./test/history.ts"

describe("what a command did to each machine", () => {
  const farm = useFarm()
  const { put } = pastCommands(farm)
  const plus = (seconds: number) => new Date(farm.clock.now.getTime() + seconds * 1_000)

  async function setUp() {
    const { siteId, minerIds } = await farm.makeSite()
    const [a, b, c, d] = minerIds as [number, number, number, number]
    const { sql } = farm.database
    for (const [n, id] of [a, b, c, d].entries())
      await sql`update hosting_miners set label = ${`rig ${"dcba"[n]}`}, model = ${n % 2 ? "S19" : null}, place = 'hall 2' where id = ${id}`
    const operator = await farm.makeUser("operator", siteId)
    const id = await put({
      siteId,
      targets: [
        { minerId: a, wave: 1, message: "Done", startedAt: plus(0), finishedAt: plus(9), already: true },
        { minerId: b, wave: 1, status: "FAILED", code: 5, message: "No answer", startedAt: plus(1) },
        {
          minerId: c,
          wave: 2,
          status: "FAILED",
          code: 1,
          message: "Refused",
          startedAt: plus(2),
          finishedAt: plus(3),
        },
        { minerId: d, wave: 2, status: "SKIPPED", code: 2, skipReason: "offline", message: "Offline" },
      ],
      status: "FAILED",
    })
    const list = async (input: Partial<Parameters<typeof listResults>[1]> = {}, actor = operator) =>
      listResults(farm.as(actor), { commandId: id, ...input })
    const order = async (input: Partial<Parameters<typeof listResults>[1]>) =>
      (await list(input)).rows.map((row) => row.label?.slice(4)).join("")
    return { siteId, miners: [a, b, c, d] as const, operator, id, list, order }
  }

  it("A19 A28 D12 is filtered, searched, sorted and paged; what failed comes first", async () => {
    const { list, order } = await setUp()
    expect(await order({})).toBe("bcad")
    expect(await order({ dir: "desc" })).toBe("dacb")
    expect(await order({ status: "FAILED" })).toBe("b")
    expect(await order({ status: "UNKNOWN" })).toBe("c")
    expect(await order({ status: "SKIPPED" })).toBe("a")
    expect(await order({ status: "OPEN" })).toBe("")
    expect(await order({ wave: 2 })).toBe("ba")
    expect(await order({ sort: "name" })).toBe("abcd")
    expect(await order({ sort: "name", dir: "desc" })).toBe("dcba")
    expect(await order({ sort: "took" })).toBe("bdca")
    expect(await order({ sort: "took", dir: "desc" })).toBe("dbca")
    expect(await order({ sort: "started" })).toBe("dcba")
    expect(await order({ sort: "model" })).toBe("acbd")
    expect(await order({ q: "RIG B" })).toBe("b")
    expect(await order({ q: "no answer" })).toBe("c")
    expect(await order({ q: "hall", status: "SUCCEEDED" })).toBe("d")
    expect(await order({ q: "%" })).toBe("")
    expect(await order({ sort: "name", page: 2, pageSize: 3 })).toBe("d")
    expect(await list({ wave: 1, pageSize: 1 })).toMatchObject({ total: 2, page: 1, pageSize: 1 })
    const [unknown] = (await list({ status: "UNKNOWN" })).rows
    expect(unknown).toMatchObject({
      resultStatus: "FAILED",
      resultCode: 5,
      resultMessage: "No answer",
      wave: 1,
      finishedAt: null,
      attempt: null,
      already: false,
    })
    expect((await list({ status: "SKIPPED" })).rows[0]).toMatchObject({
      skipReason: "offline",
      resultCode: 2,
    })
  })

  it("pages through thousands in one order, however far", async () => {
    const { siteId, operator } = await setUp()
    const made = await farm.database.sql<{ id: number }[]>`
      insert into hosting_miners (site_id, miner_id) select ${siteId}, 'p' || lpad((7919 * n % 2311)::text, 4, '0')
      from generate_series(1, 1300) n returning id`
    const targets = made.map(({ id }, n) =>
      n % 9 === 0 ? ({ minerId: id, status: "FAILED", code: n % 2 ? 5 : 1 } as const) : { minerId: id },
    )
    const id = await put({ siteId, targets, status: "FAILED" })
    const rank = { FAILED: 0, RUNNING: 2, PENDING: 3, SKIPPED: 4, SUCCEEDED: 5 }
    for (const dir of ["asc", "desc"] as const) {
      const seen: string[] = []
      for (const page of [1, 2, 3])
        for (const row of (await listResults(farm.as(operator), { commandId: id, dir, page, pageSize: 500 }))
          .rows)
          seen.push(
            `${dir === "asc" ? rank[row.resultStatus] + (row.resultCode === 5 ? 1 : 0) : 9 - rank[row.resultStatus] - (row.resultCode === 5 ? 1 : 0)} ${row.minerKey}`,
          )
      expect(seen).toHaveLength(1_300)
      expect(seen).toEqual([...seen].sort())
    }
  })

  it("decision 13: gives a client his own targets, and strangers nothing", async () => {
    const { list, siteId, miners, id } = await setUp()
    const client = await farm.makeUser("client", siteId, [miners[1]])
    const own = await list({}, client)
    expect(own.rows.map((row) => row.minerId)).toEqual([miners[1]])
    expect(own.total).toBe(1)
    expect((await list({ status: "SUCCEEDED" }, client)).total).toBe(0)
    expect((await list({ q: "rig" }, client)).total).toBe(1)
    const stranger = await farm.makeUser("operator", (await farm.makeSite()).siteId)
    await expect(list({}, stranger)).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(listResults(farm.as(stranger), { commandId: randomUUID() })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    await expect(exportResults(farm.as(stranger), { commandId: id })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    await expect(listResults(farm.as({ kind: "anonymous" }), { commandId: id })).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    })
    const lines = await collect(exportResults(farm.as(client), { commandId: id }))
    expect(lines).toHaveLength(2)
    expect(lines[1]).toContain("rig c")
  })

  it("D04 is exported as CSV with times in UTC, and no cell is a formula", async () => {
    const { siteId, miners, operator } = await setUp()
    const { sql } = farm.database
    await sql`update hosting_miners set label = '=HYPERLINK("http://evil")' where id = ${miners[0]}`
    const pools = (host: string) => ({
      pools: [{ url: `stratum+tcp://${host}.example.com:1`, user: "@farm.x" }],
    })
    const id = await put({
      siteId,
      type: "CHANGE_POOL",
      parameters: { pools: [{ url: "stratum+tcp://new.example.com:1", worker_name: "farm.x" }] },
      targets: [
        {
          minerId: miners[0],
          message: 'Said "no", twice',
          before: pools("old"),
          after: pools("new"),
          startedAt: plus(0),
          finishedAt: plus(1.5),
        },
        { minerId: miners[1], status: "PENDING", code: null },
      ],
    })
    const lines = await collect(exportResults(farm.as(operator), { commandId: id }))
    expect(lines[0]).toBe(`${RESULT_COLUMNS.join(",")}\r\n`)
    const cells = cellsOf(lines[1]!)
    const cell = (name: string) => cells[RESULT_COLUMNS.indexOf(name)]
    expect(cells).toHaveLength(RESULT_COLUMNS.length)
    expect(cell("command_id")).toBe(id)
    expect(cell("label")).toBe(`'=HYPERLINK("http://evil")`)
    expect(cell("message")).toBe('Said "no", twice')
    expect(cell("started_at")).toBe(farm.clock.now.toISOString())
    expect(cell("duration_ms")).toBe("1500")
    expect(cell("old_pool_url")).toBe("stratum+tcp://old.example.com:1")
    expect(cell("new_worker")).toBe("'@farm.x")
    expect(JSON.parse(cell("after") ?? "")).toEqual(pools("new"))
    expect(cellsOf(lines[2]!).slice(9, 12)).toEqual(["PENDING", "", ""])
  })

  it("exports thousands piece by piece, each once", async () => {
    const { siteId, operator } = await setUp()
    const made = await farm.database.sql<{ id: number }[]>`
      insert into hosting_miners (site_id, miner_id) select ${siteId}, 'x' || n from generate_series(1, 2500) n returning id`
    const id = await put({ siteId, targets: made.map((row) => ({ minerId: row.id })) })
    const lines = await collect(exportResults(farm.as(operator), { commandId: id }))
    expect(lines).toHaveLength(2_501)
    expect(new Set(lines).size).toBe(2_501)
  })
})

async function collect(lines: Promise<AsyncIterable<string>>): Promise<string[]> {
  const all: string[] = []
  for await (const line of await lines) all.push(line)
  return all
}

/** The cells of a line as RFC 4180 reads them. */
function cellsOf(line: string): string[] {
  return [...line.trimEnd().matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
    (match) => match[1]?.replaceAll('""', '"') ?? match[2] ?? "",
  )
}

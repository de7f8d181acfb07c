import { describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import { createClock, createFixtures } from "#db/test/fixtures.ts"
import { exportAudit } from "./export-audit.ts"
import { listAudit } from "./list-audit.ts"
import { readAuditSeal } from "./read-audit-seal.ts"
import { sealAudit } from "./seal-audit.ts"
import { writeAudit } from "./write-audit.ts"

describe("the audit log", () => {
  const database = useDatabase()
  const clock = createClock()
  const make = createFixtures(database, clock.now)
  const write = (siteId: number | null, action: string, subjectId: string, after = {}) =>
    writeAudit(database.db, make.system(), { action, siteId, subjectType: "thing", subjectId, after })

  it("is read whole by admins and global auditors, by site by managers and auditors there", async () => {
    const [mine, foreign] = [await make.site(), await make.site()]
    const subject = make.unique("subject")
    for (const siteId of [mine, foreign, null]) await write(siteId, "site.update", subject)
    const seenBy = async (is: Parameters<typeof make.user>[0]) =>
      (await listAudit(make.as(await make.user(is)), { q: subject })).rows.map((row) => row.siteId)
    expect(await seenBy({ globalRole: "admin" })).toEqual([null, foreign, mine])
    expect(await seenBy({ globalRole: "auditor" })).toEqual([null, foreign, mine])
    expect(await seenBy({ at: [[mine, "site_manager"]] })).toEqual([mine])
    expect(await seenBy({ at: [[mine, "auditor"]] })).toEqual([mine])
  })

  it("is not for others", async () => {
    const [mine, foreign] = [await make.site(), await make.site()]
    for (const is of [
      { at: [[mine, "operator"]] },
      { at: [[mine, "technician"]] },
      { kind: "client" },
    ] as const)
      await expect(
        listAudit(make.as(await make.user(is as Parameters<typeof make.user>[0]))),
      ).rejects.toMatchObject({ code: "FORBIDDEN" })
    const manager = await make.user({ at: [[mine, "site_manager"]] })
    await expect(listAudit(make.as(manager), { siteId: foreign })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    await expect(listAudit(make.anonymous())).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
    await expect(exportAudit(make.as(manager), { siteId: foreign })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    await expect(exportAudit(make.anonymous())).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
    const technician = await make.user({ at: [[mine, "technician"]] })
    await expect(exportAudit(make.as(technician))).rejects.toMatchObject({ code: "FORBIDDEN" })
  })

  it("is filtered, searched and paged", async () => {
    const siteId = await make.site()
    for (let n = 0; n < 60; n += 1) await write(siteId, "thing.count", `n${n}`)
    await write(siteId, "other.count", "last", { note: "100%_sure" })
    const list = (input: Parameters<typeof listAudit>[1]) => listAudit(make.system(), { siteId, ...input })
    const second = await list({ action: "thing", page: 2 })
    expect(second).toMatchObject({ total: 60, more: false, page: 2, pageSize: 50 })
    expect(second.rows).toHaveLength(10)
    expect((await list({ action: "thing.count" })).total).toBe(60)
    expect((await list({ q: "100%_SURE" })).rows).toMatchObject([{ after: { note: "100%_sure" } }])
    expect((await list({ q: "%" })).total).toBe(1)
    expect((await list({ actor: "system:test" })).total).toBe(61)
    expect((await list({ from: clock.now() })).total).toBe(61)
    expect((await list({ to: clock.now() })).total).toBe(0)
  })

  it("is filtered by where it came from, and searched by address (D18)", async () => {
    const siteId = await make.site()
    const entry = { action: "thing.do", siteId, subjectType: "thing", subjectId: 1 }
    for (const source of ["manual", "scheduled", "automatic", "api", "edge", "cli"] as const)
      await writeAudit(
        database.db,
        { ...make.as({ kind: "system", name: source }, "192.0.2.77"), source },
        entry,
      )
    const rows = async (input: Parameters<typeof listAudit>[1]) =>
      (await listAudit(make.system(), { siteId, ...input })).rows.map((row) => row.source)
    expect(await rows({ source: "api" })).toEqual(["api"])
    expect(await rows({ source: "scheduled" })).toEqual(["scheduled"])
    expect(await rows({ q: "192.0.2.77" })).toHaveLength(6)
    await expect(listAudit(make.system(), { source: "other" as "api" })).rejects.toMatchObject({
      code: "INVALID",
    })
  })

  it("says which rows are sealed, and gives the newest seal to those who read it whole", async () => {
    const siteId = await make.site()
    const manager = make.as(await make.user({ at: [[siteId, "site_manager"]] }))
    await write(siteId, "thing.seal", "1")
    expect((await listAudit(manager)).rows).toMatchObject([{ place: null }])
    await sealAudit(make.system())
    const [row] = (await listAudit(manager)).rows
    expect(await readAuditSeal(make.as(await make.user({ globalRole: "auditor" })))).toEqual({
      place: row?.place,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      sealedAt: expect.any(Date),
    })
    expect(await readAuditSeal(manager)).toBeNull()
  })

  it("goes into a CSV file whole, with the same filters and the same sight, safe to open (E18)", async () => {
    const [siteId, foreign] = [await make.site("csv-site"), await make.site()]
    const subject = make.unique("csv")
    await write(foreign, "csv.row", subject)
    for (let n = 0; n < 2_105; n += 1) await write(siteId, "csv.row", subject)
    await write(siteId, "csv.other", '=HYPERLINK("http://evil")', { note: 'a "quoted", word' })
    const read = async (ctx: Parameters<typeof exportAudit>[0], input: Parameters<typeof exportAudit>[1]) => {
      const lines: string[] = []
      for await (const line of await exportAudit(ctx, input)) lines.push(line)
      return lines
    }
    const manager = make.as(await make.user({ at: [[siteId, "site_manager"]] }))
    const all = await read(manager, { action: "csv.row" })
    expect(all).toHaveLength(1 + 2_105)
    expect(all[0]).toBe(
      "id,at,actor,source,address,action,site,subject_type,subject_id,before,after,details,request_id,place\r\n",
    )
    const ids = all.slice(1).map((line) => Number(line.split(",")[0]))
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a))
    expect(await read(make.system(), { q: subject })).toHaveLength(1 + 2_106)
    const [, odd] = await read(manager, { action: "csv.other" })
    expect(odd).toContain(`,${clock.now().toISOString()},system:test,manual,,csv.other,csv-site,thing,`)
    expect(odd).toContain(`"'=HYPERLINK(""http://evil"")"`)
    expect(odd).toContain('"{""note"":""a \\""quoted\\"", word""}"')
  })

  it("takes no secrets in, however deep they lie (D18)", async () => {
    const secret = "hunter2-hunter2"
    const subjectId = make.unique("secret")
    await writeAudit(database.db, make.system(), {
      action: "thing.secret",
      siteId: null,
      subjectType: "thing",
      subjectId,
      before: {
        pools: [
          { url: "stratum+tcp://pool:3333", worker: "w.1", password: secret },
          { url: "stratum+tcp://pool:3333", passwd: [secret] },
        ],
      },
      after: {
        action: { type: "CHANGE_POOL", pools: [[{ PASSWORD: secret, poolPass: secret }]] },
        keyHash: secret,
        privateKey: { of: secret },
        apiToken: secret,
        Cookie: secret,
        url: `stratum+tcp://user:${secret}@pool:3333`,
        passed: 3,
      },
      details: {
        list: [{ deeper: [{ deepest: { minerPassword: secret, clientSecret: [{ x: secret }] } }] }],
      },
    })
    const [row] = await database.sql`
      select (to_jsonb(a))::text as text, before, after from audit_log a where subject_id = ${subjectId}`
    expect(row?.text).not.toContain(secret)
    expect(row?.before).toMatchObject({ pools: [{ worker: "w.1", password: "[redacted]" }, {}] })
    expect(row?.after).toMatchObject({ url: "stratum+tcp://user:[redacted]@pool:3333", passed: 3 })
  })
})

import { describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import { createClock, createFixtures } from "#db/test/fixtures.ts"
import { listAudit } from "./list-audit.ts"
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
})

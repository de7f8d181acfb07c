import { describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import { createClock, createFixtures } from "#db/test/fixtures.ts"
import { assignOwner } from "./assign-owner.ts"
import { endOwnership } from "./end-ownership.ts"
import { listClients } from "./list-clients.ts"
import { readClient } from "./read-client.ts"

const DAY_MS = 24 * 3_600_000

describe("owners", () => {
  const database = useDatabase({ max: 8 })
  const clock = createClock()
  const make = createFixtures(database, clock.now)
  const day = (days: number) => new Date(clock.now().getTime() + days * DAY_MS)
  const client = async () => (await make.user({ kind: "client" })).userId
  const ownersOf = async (minerId: number) =>
    (
      await database.sql`select user_id, from_at, to_at from user_miners where miner_id = ${minerId} order by from_at`
    ).map((row) => [row.user_id, row.from_at, row.to_at])

  it("are assigned to thousands of machines at once, audited as a count at each site", async () => {
    const sites = [await make.site(), await make.site()]
    const admin = await make.user({ globalRole: "admin" })
    const [first, second] = [await client(), await client()]
    for (const siteId of sites)
      await database.sql`insert into hosting_miners (site_id, miner_id)
        select ${siteId}, 'm' || n from generate_series(1, 2000) n`
    const minerIds = (
      await database.sql`select id from hosting_miners where site_id = any(${sites}::int[])`
    ).map((row) => row.id as number)
    expect(await assignOwner(make.as(admin), { minerIds, userId: first, fromAt: day(-10) })).toEqual({
      changed: 4000,
      unchanged: 0,
    })
    expect(await assignOwner(make.as(admin), { minerIds, userId: first, fromAt: day(-5) })).toEqual({
      changed: 0,
      unchanged: 4000,
    })
    await assignOwner(make.as(admin), { minerIds, userId: second })
    expect(await ownersOf(minerIds[0]!)).toEqual([
      [first, day(-10), clock.now()],
      [second, clock.now(), null],
    ])
    const audits = (await make.audits("owner.assign")).filter((row) => row.subjectId === String(second))
    expect(audits.map((row) => [row.siteId, (row.details as { miners: number }).miners])).toEqual([
      [sites[0], 2000],
      [sites[1], 2000],
    ])
    expect(audits[0]).toMatchObject({ userId: admin.userId })
  })

  it("end with nobody, planned ones included", async () => {
    const siteId = await make.site()
    const minerId = await make.miner(siteId)
    const untouched = await make.miner(siteId)
    const userId = await client()
    await assignOwner(make.system(), { minerIds: [minerId], userId, fromAt: day(-2), toAt: day(5) })
    await assignOwner(make.system(), { minerIds: [minerId], userId, fromAt: day(7) })
    expect(await assignOwner(make.system(), { minerIds: [minerId, untouched], userId: null })).toEqual({
      changed: 1,
      unchanged: 1,
    })
    expect(await ownersOf(minerId)).toEqual([[userId, day(-2), clock.now()]])
    expect((await make.audits("owner.end")).filter((row) => row.siteId === siteId)).toHaveLength(1)
  })

  it("are corrected from the same instant on, and never overlap", async () => {
    const minerIds = [await make.miner(await make.site())]
    const [wrong, right] = [await client(), await client()]
    await assignOwner(make.system(), { minerIds, userId: wrong })
    await assignOwner(make.system(), { minerIds, userId: right })
    expect(await ownersOf(minerIds[0]!)).toEqual([[right, clock.now(), null]])
    await expect(
      assignOwner(make.system(), { minerIds, userId: wrong, fromAt: day(-1) }),
    ).rejects.toMatchObject({ code: "CONFLICT" })
    await assignOwner(make.system(), { minerIds, userId: wrong, fromAt: day(-3), toAt: clock.now() })
    expect(await ownersOf(minerIds[0]!)).toEqual([
      [wrong, day(-3), clock.now()],
      [right, clock.now(), null],
    ])
  })

  it("are one a machine when two are given it at once", async () => {
    const minerId = await make.miner(await make.site())
    const users = await Promise.all(Array.from({ length: 4 }, client))
    const tries = await Promise.allSettled(
      users.map((userId) => assignOwner(make.system(), { minerIds: [minerId], userId })),
    )
    for (const one of tries)
      if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "CONFLICT" })
    expect(await ownersOf(minerId)).toHaveLength(1)
  })

  it("refuse an end before the beginning, staff, disabled clients and unknown ones", async () => {
    const minerIds = [await make.miner(await make.site())]
    const userId = await client()
    const staff = await make.user()
    const to = (id: number | null, rest = {}) => assignOwner(make.system(), { minerIds, userId: id, ...rest })
    await expect(to(userId, { toAt: clock.now() })).rejects.toMatchObject({ code: "INVALID" })
    await expect(to(null, { toAt: day(1) })).rejects.toMatchObject({ code: "INVALID" })
    await expect(to(staff.userId)).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(to(999_999)).rejects.toMatchObject({ code: "NOT_FOUND" })
    await database.sql`update user_access set disabled_at = now() where id = ${userId}`
    await expect(to(userId)).rejects.toMatchObject({ code: "CONFLICT" })
  })

  it("are given by those who may edit machines there, to clients they know", async () => {
    const [mine, foreign] = [await make.site(), await make.site()]
    const [minerId, foreignMiner] = [await make.miner(mine), await make.miner(foreign)]
    const [known, stranger] = [await client(), await client()]
    await assignOwner(make.system(), { minerIds: [await make.miner(mine)], userId: known })
    await assignOwner(make.system(), { minerIds: [foreignMiner], userId: stranger })
    const operator = make.as(await make.user({ at: [[mine, "operator"]] }))
    await assignOwner(operator, { minerIds: [minerId], userId: known })
    await expect(assignOwner(operator, { minerIds: [minerId], userId: stranger })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    await expect(
      assignOwner(operator, { minerIds: [minerId, foreignMiner], userId: null }),
    ).rejects.toMatchObject({ code: "NOT_FOUND" })
    for (const role of ["technician", "auditor"] as const) {
      const ctx = make.as(await make.user({ at: [[mine, role]] }))
      await expect(assignOwner(ctx, { minerIds: [minerId], userId: null })).rejects.toMatchObject({
        code: "FORBIDDEN",
      })
      await expect(listClients(ctx)).rejects.toMatchObject({ code: "FORBIDDEN" })
    }
    expect((await listClients(operator)).map((row) => [row.userId, row.minerCount])).toEqual([[known, 2]])
    await expect(readClient(operator, { userId: stranger })).rejects.toMatchObject({ code: "NOT_FOUND" })
  })

  it("are shown with what they own at the sites one sees, and ended one by one", async () => {
    const [mine, foreign] = [await make.site(), await make.site()]
    const minerId = await make.miner(mine)
    const userId = await client()
    const minerIds = [minerId, await make.miner(foreign)]
    await assignOwner(make.system(), { minerIds, userId, fromAt: day(-1) })
    const manager = make.as(await make.user({ at: [[mine, "site_manager"]] }))
    const shown = await readClient(manager, { userId })
    expect(shown).toMatchObject({ minerCount: 1, ownershipCount: 1, ownerships: [{ siteId: mine, minerId }] })
    const { id } = shown.ownerships[0]!
    const foreignId = (await readClient(make.system(), { userId })).ownerships.find(
      (row) => row.siteId === foreign,
    )!.id

    const end = (input: Parameters<typeof endOwnership>[1]) => endOwnership(manager, input)
    await expect(end({ siteId: foreign, id: foreignId })).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(end({ siteId: mine, id: foreignId })).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(end({ siteId: mine, id, toAt: day(-1) })).rejects.toMatchObject({ code: "INVALID" })
    const technician = make.as(await make.user({ at: [[mine, "technician"]] }))
    await expect(endOwnership(technician, { siteId: mine, id })).rejects.toMatchObject({ code: "FORBIDDEN" })
    await end({ siteId: mine, id, toAt: clock.now() })
    await expect(end({ siteId: mine, id, toAt: day(1) })).rejects.toMatchObject({ code: "CONFLICT" })
    expect(await ownersOf(minerId)).toEqual([[userId, day(-1), clock.now()]])
    expect((await make.audits("owner.end")).filter((row) => row.siteId === mine)).toHaveLength(1)
  })
})

import { describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import { createClock, createFixtures } from "#db/test/fixtures.ts"
import { createSite } from "./create-site.ts"
import { listSites } from "./list-sites.ts"
import { readSite } from "./read-site.ts"
import { updateSite } from "./update-site.ts"

describe("sites", () => {
  const database = useDatabase()
  const clock = createClock()
  const make = createFixtures(database, clock.now)
  const versionOf = async (siteId: number) =>
    (
      await database.sql<
        { version: number }[]
      >`select config_version as version from hosting_sites where id = ${siteId}`
    )[0]?.version

  it("are made by an admin, with defaults, audited", async () => {
    const admin = await make.user({ globalRole: "admin" })
    const slug = make.unique("north")
    const { siteId } = await createSite(make.as(admin), { slug, name: "North", timezone: "Europe/Oslo" })
    const site = await readSite(make.as(admin), { slug })
    expect(site).toMatchObject({
      id: siteId,
      name: "North",
      timezone: "Europe/Oslo",
      pollIntervalS: 60,
      chipWarningC: 85,
      wavePercent: 10,
      configVersion: 1,
      can: { manage: true, manageCollectors: true, manageUsers: true },
    })
    const audit = (await make.audits("site.create")).find((row) => row.siteId === siteId)
    expect(audit).toMatchObject({ userId: admin.userId, after: { slug } })
  })

  it("are not made by anyone else", async () => {
    const siteId = await make.site()
    const manager = await make.user({ at: [[siteId, "site_manager"]] })
    const input = { slug: make.unique("x"), name: "X" }
    await expect(createSite(make.as(manager), input)).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(createSite(make.anonymous(), input)).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
  })

  it("have one slug each, also when two are made at once", async () => {
    const slug = make.unique("twin")
    const both = await Promise.allSettled([
      createSite(make.system(), { slug, name: "A" }),
      createSite(make.system(), { slug, name: "B" }),
    ])
    expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"])
    expect(both.find((one) => one.status === "rejected")).toMatchObject({ reason: { code: "CONFLICT" } })
  })

  it.each([
    ["slug", { slug: "No Spaces" }],
    ["slug", { slug: "new" }],
    ["timezone", { timezone: "Mars/Olympus" }],
    ["timezone", { timezone: "+01:00" }],
    ["pollIntervalS", { pollIntervalS: 9 }],
    ["pollIntervalS", { pollIntervalS: 601 }],
    ["chipCriticalC", { chipWarningC: 90, chipCriticalC: 90 }],
    ["boardCriticalC", { boardWarningC: 81 }],
    ["wavePercent", { wavePercent: 0 }],
    ["historyDays", { historyDays: -1 }],
  ])("refuse a bad %s: %j", async (path, settings) => {
    const create = createSite(make.system(), { slug: make.unique("bad"), name: "Bad", ...settings })
    await expect(create).rejects.toMatchObject({ code: "INVALID", details: [{ path }] })
  })

  it("are changed by their manager; collectors hear of what concerns them only", async () => {
    const siteId = await make.site()
    const manager = await make.user({ at: [[siteId, "site_manager"]] })
    const quiet = await updateSite(make.as(manager), { siteId, statusPageEnabled: true, contact: "  " })
    expect(quiet.changed).toEqual(["statusPageEnabled"])
    expect(await versionOf(siteId)).toBe(1)
    await updateSite(make.as(manager), { siteId, pollIntervalS: 30, chipWarningC: 80 })
    expect(await versionOf(siteId)).toBe(2)
    await updateSite(make.as(manager), { siteId, pollIntervalS: 30 })
    expect(await versionOf(siteId)).toBe(2)
    const audits = (await make.audits("site.update")).filter((row) => row.siteId === siteId)
    expect(audits).toHaveLength(2)
    expect(audits[1]).toMatchObject({
      before: { pollIntervalS: 60, chipWarningC: 85 },
      after: { pollIntervalS: 30, chipWarningC: 80 },
    })
  })

  it("judge a partial change against the whole", async () => {
    const siteId = await make.site()
    await expect(updateSite(make.system(), { siteId, chipCriticalC: 84 })).rejects.toMatchObject({
      code: "INVALID",
      details: [{ path: "chipCriticalC" }],
    })
  })

  it("refuse a slug that is taken", async () => {
    const [one, two] = [make.unique("one"), make.unique("two")]
    await make.site(one)
    const siteId = await make.site(two)
    await expect(updateSite(make.system(), { siteId, slug: one })).rejects.toMatchObject({ code: "CONFLICT" })
  })

  it("do not exist for strangers, and are only looked at by operators", async () => {
    const [mine, foreign] = [await make.site(), await make.site()]
    const manager = await make.user({ at: [[mine, "site_manager"]] })
    const operator = await make.user({ at: [[mine, "operator"]] })
    await expect(updateSite(make.as(manager), { siteId: foreign, name: "Mine" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    await expect(updateSite(make.as(manager), { siteId: 999_999, name: "Mine" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    await expect(updateSite(make.as(operator), { siteId: mine, name: "Mine" })).rejects.toMatchObject({
      code: "FORBIDDEN",
    })
    expect((await listSites(make.as(operator))).map((site) => site.id)).toEqual([mine])
    const slug = (await database.sql`select slug from hosting_sites where id = ${foreign}`)[0]?.slug
    await expect(readSite(make.as(operator), { slug })).rejects.toMatchObject({ code: "NOT_FOUND" })
  })

  it("show a client where he owns machines, without the contact", async () => {
    const slug = make.unique("client")
    const siteId = await make.site(slug)
    await updateSite(make.system(), { siteId, contact: "Ann, 555" })
    const client = await make.user({ kind: "client" })
    const there = make.as({ ...client, ownedSiteIds: [siteId] })
    const site = await readSite(there, { slug })
    expect(site).toMatchObject({ contact: null, can: { requestCommands: false, manage: false } })
    await expect(readSite(make.as(client), { slug })).rejects.toMatchObject({ code: "NOT_FOUND" })
  })
})

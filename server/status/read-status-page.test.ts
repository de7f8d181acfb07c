import { beforeEach, describe, expect, it } from "vitest"
import { schema } from "#db/client.ts"
import { useDatabase } from "#db/test/database.ts"
import { addDevice, addMinerRow, addSite, ago, anonymous, contextFor, NOW } from "#db/test/fleet.ts"
import { readStatusPage, siteState } from "./read-status-page.ts"

describe("readStatusPage", () => {
  const database = useDatabase()
  const read = (slug: string) => readStatusPage(contextFor(database, anonymous), { slug })
  let serial = 0
  let slug = ""
  let site = 0
  let device = 0

  beforeEach(async () => {
    slug = `public-${serial++}`
    site = (
      await addSite(database, slug, { name: "Fjord", statusPageEnabled: true, timezone: "Pacific/Auckland" })
    ).id
    device = (await addDevice(database, site)).id
  })
  const add = async (count: number, live: Parameters<typeof addMinerRow>[3], deviceId = device) => {
    for (let n = 0; n < count; n++)
      await addMinerRow(database, site, { minerId: `P-${serial++}`, deviceId, place: "secret hall" }, live)
  }
  const gone = { online: false, offlineSince: ago(60) }

  it("shows name, state, share, hashrate and 90 days in the site's zone, and nothing else", async () => {
    await add(19, { hashrate5sGhs: 1_000, poolUrl: "stratum+tcp://pool.secret:1", workerName: "secret" })
    await add(1, gone)
    await database.db.insert(schema.siteUptimeDaily).values([
      { siteId: site, day: "2030-06-15", samples: 1_000, samplesOnline: 900 },
      { siteId: site, day: "2030-03-19", samples: 10, samplesOnline: 10 },
      { siteId: site, day: "2030-03-18", samples: 10, samplesOnline: 1 },
      { siteId: site, day: "2030-06-14", samples: 0, samplesOnline: 0 },
    ])
    const page = await read(slug)
    expect(page).toMatchObject({
      name: "Fjord",
      state: "operational",
      shareOnline: 0.95,
      hashrateGhs: 19_000,
      lastUpdateAt: ago(10),
      timezone: "Pacific/Auckland",
    })
    expect(page.uptimeDays).toHaveLength(90)
    // At noon UTC it is the 16th in Auckland: that day has no roll-up yet and shows the state of now.
    expect(page.uptimeDays.slice(-3)).toEqual([
      { day: "2030-06-14", share: null },
      { day: "2030-06-15", share: 0.9 },
      { day: "2030-06-16", share: 0.95 },
    ])
    expect(page.uptimeDays[0]).toEqual({ day: "2030-03-19", share: 1 })
    expect(Object.keys(page).sort()).toEqual([
      "hashrateGhs",
      "lastUpdateAt",
      "name",
      "shareOnline",
      "state",
      "timezone",
      "uptimeDays",
    ])
    expect(JSON.stringify(page)).not.toContain("secret")
  })

  it("keeps silent about fewer than five machines", async () => {
    await add(4, { hashrate5sGhs: 1_000 })
    await database.db
      .insert(schema.siteUptimeDaily)
      .values({ siteId: site, day: "2030-06-15", samples: 4, samplesOnline: 3 })
    const few = await read(slug)
    expect(few).toMatchObject({ state: "operational", shareOnline: null, hashrateGhs: null })
    expect(few.uptimeDays.every((day) => day.share === null)).toBe(true)
    await add(1, gone)
    expect(await read(slug)).toMatchObject({ shareOnline: 0.8, hashrateGhs: null, state: "degraded" })
  })

  it("leaves out the hashrate when the site says so, spare machines, and those that never reported", async () => {
    await add(6, { hashrate5sGhs: 1_000 })
    await add(3, null)
    await database.sql`update hosting_sites set status_show_hashrate = false where id = ${site}`
    expect(await read(slug)).toMatchObject({ shareOnline: 1, hashrateGhs: null, state: "operational" })
    await add(5, gone)
    await database.sql`update hosting_miners m set state = 'spare' from miner_telemetry_live t where t.miner_id = m.id and t.offline_since is not null`
    expect(await read(slug)).toMatchObject({ shareOnline: 1, state: "operational" })
  })

  it("adds up fresh samples only", async () => {
    await add(6, { hashrate5sGhs: 1_000 })
    await add(6, { hashrate5sGhs: 5_000, collectedAt: ago(121) })
    expect(await read(slug)).toMatchObject({ shareOnline: 1, hashrateGhs: 6_000 })
  })

  it("counts machines behind a silent collector in no share", async () => {
    await add(10, {})
    const silent = await addDevice(database, site, { lastSeenAt: ago(300) })
    await add(10, { collectedAt: ago(310) }, silent.id)
    expect(await read(slug)).toMatchObject({ shareOnline: 1, state: "degraded" })
    await database.sql`update edge_devices set silent_since = ${ago(200)} where site_id = ${site}`
    expect(await read(slug)).toMatchObject({
      shareOnline: null,
      hashrateGhs: null,
      state: "down",
      lastUpdateAt: ago(10),
    })
  })

  it("answers off, archived and unknown in the same words", async () => {
    await addSite(database, `${slug}-off`)
    await addSite(database, `${slug}-gone`, { statusPageEnabled: true, archivedAt: NOW })
    const answers = await Promise.all(
      [`${slug}-off`, `${slug}-gone`, "nowhere", "x".repeat(300)].map((one) =>
        read(one).catch((error) => ({ code: error.code, message: error.message })),
      ),
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject({ code: "NOT_FOUND" })
  })

  it.each([
    [{ active: 0, online: 0, offline: 0, unknown: 0 }, "operational"],
    [{ active: 100, online: 95, offline: 5, unknown: 0 }, "operational"],
    [{ active: 100, online: 94, offline: 6, unknown: 0 }, "degraded"],
    [{ active: 100, online: 50, offline: 50, unknown: 0 }, "degraded"],
    [{ active: 100, online: 49, offline: 51, unknown: 0 }, "down"],
    [{ active: 100, online: 99, offline: 0, unknown: 1 }, "degraded"],
    [{ active: 3, online: 0, offline: 0, unknown: 3 }, "down"],
  ] as const)("calls %j %s", (figures, state) => {
    expect(siteState(figures)).toBe(state)
  })
})

import { beforeAll, describe, expect, it } from "vitest"
import { schema } from "#db/client.ts"
import { useDatabase } from "#db/test/database.ts"
import { addDevice, addSite, addUser, admin, ago, clientActor, contextFor, staffAt } from "#db/test/fleet.ts"
import { listMiners } from "./list-miners.ts"
import type { MinerFilterInput } from "./miner-filter.ts"
import { type FleetTotals, readOverview } from "./read-overview.ts"
import { readSiteDashboard } from "./read-site-dashboard.ts"

/** A small generator with a fixed seed (mulberry32): the same fleet at every run. */
function createRandom(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    chance: (share: number) => next() < share,
    pick: <T>(values: readonly T[]) => values[Math.floor(next() * values.length)] as T,
    number: (from: number, to: number) => from + next() * (to - from),
  }
}

type Live = typeof schema.minerTelemetryLive.$inferInsert
const COUNTED = ["active", "online", "offline", "unknown", "hot", "sleeping", "unhealthy", "stale"] as const

describe("every count equals the list it links to", () => {
  const database = useDatabase({ max: 6 })
  const slugs = ["north", "south", "empty"]
  const siteIds: number[] = []
  let client = 0

  beforeAll(async () => {
    const random = createRandom(20_300_615)
    client = (await addUser(database, { email: "c@clients.test" })).id
    for (const slug of slugs) {
      const site = await addSite(database, slug, { pollIntervalS: random.pick([10, 60]), chipWarningC: 80 })
      siteIds.push(site.id)
      const devices = [
        await addDevice(database, site.id),
        await addDevice(database, site.id, { lastSeenAt: ago(120) }),
        await addDevice(database, site.id, { silentSince: ago(10) }),
      ]
      if (slug === "empty") continue
      const rows = Array.from({ length: 300 }, (_, n) => ({
        siteId: site.id,
        minerId: `${slug}-${n}`,
        deviceId: random.chance(0.05) ? null : random.chance(0.8) ? devices[0]!.id : random.pick(devices).id,
        make: random.pick(["Bitmain", "MicroBT", null]),
        model: random.pick(["S19", "S21", "M50", null]),
        place: random.pick(["hall 1", "hall 2", null]),
        state: random.chance(0.1) ? random.pick(["spare", "retired"] as const) : ("active" as const),
      }))
      const miners = await database.db
        .insert(schema.hostingMiners)
        .values(rows)
        .returning({ id: schema.hostingMiners.id })
      const live: Live[] = []
      for (const { id } of miners) {
        if (random.chance(0.05)) continue
        const collectedAt = ago(random.pick([5, 25, 31, 100, 119, 121, 500]))
        const maybe = (from: number, to: number) => (random.chance(0.2) ? null : random.number(from, to))
        live.push({
          siteId: site.id,
          minerId: id,
          collectedAt,
          receivedAt: collectedAt,
          online: random.chance(0.9),
          offlineSince: random.chance(0.1) ? ago(300) : null,
          mining: random.pick([true, true, true, false, null]),
          hashrateGhs: maybe(0, 1e5),
          hashrate5sGhs: random.chance(0.1) ? 0 : maybe(0, 1e5),
          hashrateExpectedGhs: random.chance(0.05) ? 0 : maybe(1e5, 1.1e5),
          temperatureMax: maybe(60, 90),
          powerConsumption: maybe(2_000, 4_000),
          powerEstimated: random.pick([true, false, null]),
          overallHealth: random.pick(["healthy", "healthy", "warning", "critical", "offline", null]),
        })
      }
      await database.db.insert(schema.minerTelemetryLive).values(live)
      await database.db.insert(schema.userMiners).values(
        miners
          .filter((_, n) => n % 3 === 0)
          .map(({ id }) => ({
            siteId: site.id,
            minerId: id,
            userId: client,
            fromAt: ago(random.pick([50, 86_400])),
          })),
      )
    }
  })

  const actors = () => ({
    admin: admin(),
    operator: staffAt("operator", siteIds[1]!),
    client: clientActor(client, siteIds[0]!, siteIds[1]!),
  })

  async function expectCounts(
    ctx: ReturnType<typeof contextFor>,
    totals: FleetTotals,
    link: MinerFilterInput,
  ) {
    for (const status of COUNTED)
      expect({
        status,
        link,
        total: (await listMiners(ctx, { ...link, status, pageSize: 1 })).total,
      }).toEqual({ status, link, total: totals[status] })
    expect(totals.online + totals.offline + totals.unknown).toBe(totals.active)
  }

  /** Adds the rows of the list up, as a person with a pencil would. */
  async function expectSums(ctx: ReturnType<typeof contextFor>, totals: FleetTotals, link: MinerFilterInput) {
    const { rows, total } = await listMiners(ctx, { ...link, status: "online", pageSize: 500 })
    expect(rows).toHaveLength(total)
    const fresh = rows.filter((row) => !row.stale)
    const sum = (of: typeof rows, value: (row: (typeof rows)[number]) => number | null) =>
      of.length === 0 ? null : of.reduce((all, row) => all + (value(row) ?? 0), 0)
    const rates = fresh.filter((row) => row.hashrateGhs !== null)
    const expected = fresh.filter((row) => row.expectedGhs !== null)
    const both = rates.filter((row) => (row.expectedGhs ?? 0) > 0)
    const powers = fresh.filter((row) => row.powerW !== null)
    const working = powers.filter((row) => (row.hashrateGhs ?? 0) > 0)
    const near = (value: number | null) => (value === null ? null : expect.closeTo(value, 3))
    expect(totals).toMatchObject({
      hashrateGhs: near(sum(rates, (row) => row.hashrateGhs)),
      hashrateMiners: rates.length,
      expectedGhs: near(sum(expected, (row) => row.expectedGhs)),
      expectedMiners: expected.length,
      powerW: near(sum(powers, (row) => row.powerW)),
      powerMiners: powers.length,
      powerEstimatedMiners: powers.filter((row) => row.powerEstimated).length,
      efficiencyMiners: working.length,
      efficiencyEstimatedMiners: working.filter((row) => row.powerEstimated).length,
    })
    expect(totals.ofExpected?.miners ?? 0).toBe(both.length)
    if (totals.ofExpected)
      expect(totals.ofExpected.share).toBeCloseTo(
        sum(both, (row) => row.hashrateGhs)! / sum(both, (row) => row.expectedGhs)!,
      )
    if (working.length > 0)
      expect(totals.efficiencyJTh).toBeCloseTo(
        (sum(working, (row) => row.powerW)! / sum(working, (row) => row.hashrateGhs)!) * 1000,
      )
    else expect(totals.efficiencyJTh).toBeNull()
  }

  it.each(["admin", "operator", "client"] as const)("on the overview of %s", async (name) => {
    const ctx = contextFor(database, actors()[name])
    const overview = await readOverview(ctx)
    await expectCounts(ctx, overview.totals, {})
    await expectSums(ctx, overview.totals, {})
    expect(overview.sites.map((site) => site.slug).sort()).toEqual(
      { admin: ["empty", "north", "south"], operator: ["south"], client: ["north", "south"] }[name],
    )
    for (const site of overview.sites) {
      await expectCounts(ctx, site, { siteSlug: site.slug })
      await expectSums(ctx, site, { siteSlug: site.slug })
    }
    const bad = overview.sites.map((site) =>
      site.active === 0 ? -1 : (site.offline + site.unknown) / site.active,
    )
    expect(bad).toEqual([...bad].sort((one, other) => other - one))
    expect(
      overview.totals.hot * overview.totals.sleeping * overview.totals.stale * overview.totals.unhealthy,
    ).toBeGreaterThan(0)
  })

  it.each(["admin", "operator", "client"] as const)("on the site dashboard of %s", async (name) => {
    const ctx = contextFor(database, actors()[name])
    const board = await readSiteDashboard(ctx, { slug: "south" })
    await expectCounts(ctx, board.totals, { siteSlug: "south" })
    await expectSums(ctx, board.totals, { siteSlug: "south" })
    expect(board.byModel.length).toBeGreaterThan(5)
    for (const group of board.byModel) {
      const link = { siteSlug: "south", make: group.make ?? "none", model: group.model ?? "none" }
      await expectCounts(ctx, group, link)
      await expectSums(ctx, group, link)
    }
    for (const group of board.byPlace)
      await expectCounts(ctx, group, { siteSlug: "south", place: group.place ?? "none" })
    expect(board.byModel.reduce((all, group) => all + group.active, 0)).toBe(board.totals.active)
    expect(board.byPlace.reduce((all, group) => all + group.active, 0)).toBe(board.totals.active)
    const temperatures = board.hottest.map((row) => row.tempMaxC!)
    expect(temperatures).toEqual([...temperatures].sort((one, other) => other - one))
    expect(board.hottest.every((row) => row.status === "online" && row.tempMaxC !== null)).toBe(true)
    const south = { siteSlug: "south" }
    const hottest = await listMiners(ctx, {
      ...south,
      status: "online",
      sort: "temp",
      dir: "desc",
      pageSize: 10,
    })
    expect(board.hottest).toEqual(hottest.rows.filter((row) => row.tempMaxC !== null))
    const unhealthy = await listMiners(ctx, { ...south, status: "unhealthy", sort: "share", pageSize: 8 })
    expect(board.unhealthy).toEqual(unhealthy.rows)
    expect(board.unhealthyTotal).toBe(unhealthy.total)
  })

  it("keeps foreign sites and collectors' health to whom they concern", async () => {
    const { operator, client: owner } = actors()
    await expect(readSiteDashboard(contextFor(database, operator), { slug: "north" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    await expect(readSiteDashboard(contextFor(database, owner), { slug: "empty" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    expect((await readSiteDashboard(contextFor(database, owner), { slug: "south" })).collectors).toEqual([])
    expect((await readOverview(contextFor(database, owner))).collectors).toEqual([])
    const collectors = (await readOverview(contextFor(database, operator))).collectors
    expect(collectors.map(({ silent, siteSlug }) => ({ silent, siteSlug }))).toEqual(
      [true, true, false].map((silent) => ({ silent, siteSlug: "south" })),
    )
    const hidden = contextFor(database, owner)
    expect(
      (await listMiners(hidden, { pageSize: 500 })).rows.every((row) => row.owner?.userId === client),
    ).toBe(true)
  })
})

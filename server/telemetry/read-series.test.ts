import { beforeAll, describe, expect, it } from "vitest"
import { ensurePartitions } from "#db/partitions.ts"
import { useDatabase } from "#db/test/database.ts"
import type { Actor, DeviceActor } from "../access/actor.ts"
import { correctOwnerTotals } from "./correct-owner-totals.ts"
import { ingestBatch } from "./ingest-batch.ts"
import { readCompanySeries } from "./read-company-series.ts"
import { readMinerBoardSeries } from "./read-miner-board-series.ts"
import { readMinerSeries } from "./read-miner-series.ts"
import { readSiteSeries } from "./read-site-series.ts"
import { rollUp } from "./roll-up.ts"
import { MAX_POINTS, seriesWindow } from "./series-window.ts"
import { batch, client, contextOf, makeSite, NOW, SYSTEM, sample, staff } from "./test/farm.ts"

describe("series", () => {
  const database = useDatabase()
  let here: DeviceActor
  let there: DeviceActor
  const miners: Record<string, number> = {}
  const as = (actor: Actor) => contextOf(database, actor)
  const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000)
  const CLIENT = 77

  beforeAll(async () => {
    await ensurePartitions(database.sql, NOW)
    here = await makeSite(database, "here")
    there = await makeSite(database, "there")
    // Every five minutes for 20 h, without the hour from 10 to 9 h ago; the newest 20 minutes are not rolled up.
    const steps = Array.from({ length: 240 }, (_, n) => n * 300 + 60).filter(
      (s) => s < 9 * 3_600 || s >= 10 * 3_600,
    )
    const rate = (id: string, ghs: number) => steps.map((s) => sample(id, s, { hashrate_5s_ghs: ghs }))
    const older = (samples: ReturnType<typeof rate>) =>
      samples.filter((one) => Date.parse(one.collected_at) < NOW.getTime() - 20 * 60_000)
    const all = { A: rate("A", 100), B: rate("B", 10), C: rate("C", 1) }
    await ingestBatch(as(here), batch([...older(all.A), ...older(all.B)]))
    await ingestBatch(as(there), batch(older(all.C)))
    await rollUp(as(SYSTEM))
    await ingestBatch(as(here), batch([...all.A.slice(0, 4), ...all.B.slice(0, 4)]))
    await ingestBatch(as(there), batch(all.C.slice(0, 4)))
    for (const row of await database.sql`select id, miner_id from hosting_miners`)
      miners[row.miner_id] = row.id
    await database.sql`insert into user_access (id, email, name, kind) overriding system value
      values (${CLIENT}, 'client@test', 'Client', 'client')`
    await database.sql`insert into user_miners (site_id, miner_id, user_id, from_at, to_at) values
      (${here.siteId}, ${miners.A ?? 0}, ${CLIENT}, ${hoursAgo(5)}, null),
      (${here.siteId}, ${miners.B ?? 0}, ${CLIENT}, ${hoursAgo(15)}, ${hoursAgo(12)})`
    const change = { siteIds: [here.siteId], userIds: [CLIENT], fromAt: hoursAgo(15) }
    await correctOwnerTotals(database.db, as(SYSTEM), change)
  })

  it("of a machine joins buckets and raw samples, with nulls in the gap", async () => {
    const { points, stepS } = await readMinerSeries(as(SYSTEM), { minerId: miners.A ?? 0, hours: 24 })
    expect(stepS).toBe(300)
    expect(points).toHaveLength(289)
    const known = points.filter((point) => point.hashrateGhs !== null)
    expect(known).toHaveLength(228)
    expect(known.every((point) => point.hashrateGhs === 100 && point.online && point.powerW === 3_250)).toBe(
      true,
    )
    expect(points.at(-1)).toMatchObject({
      at: new Date("2031-05-06T12:00:00Z"),
      hashrateGhs: 100,
      tempMaxC: 71.5,
    })
    const inGap = points.filter((point) => point.at > hoursAgo(9.95) && point.at < hoursAgo(9.1))
    expect(inGap.length).toBeGreaterThan(8)
    expect(inGap.every((point) => point.hashrateGhs === null && point.online === null)).toBe(true)
  })

  it("of boards has one course a board", async () => {
    const { boards } = await readMinerBoardSeries(as(SYSTEM), { minerId: miners.A ?? 0, hours: 24 })
    expect(boards.map((one) => one.board)).toEqual([0, 1, 2])
    expect(boards[1]?.points.filter((point) => point.hashrateGhs === 34_001)).toHaveLength(228)
  })

  it("of a site and of the company are sums, ending in the present", async () => {
    const site = await readSiteSeries(as(staff([[here.siteId, "operator"]])), {
      siteId: here.siteId,
      hours: 24,
    })
    const rolledUp = site.points.find((point) => point.at.getTime() === NOW.getTime() - 150_000 - 3_600_000)
    expect(rolledUp).toMatchObject({ hashrateGhs: 110, online: 2, miners: 2 })
    expect(site.points.at(-1)).toMatchObject({ hashrateGhs: 110, online: 2, miners: 2 })
    const company = await readCompanySeries(as(SYSTEM), { hours: 24 })
    expect(company.points.at(-1)).toMatchObject({ hashrateGhs: 111, miners: 3 })
    const foreign = await readCompanySeries(as(staff([[there.siteId, "auditor"]])), { hours: 24 })
    expect(foreign.points.at(-1)).toMatchObject({ hashrateGhs: 1, miners: 1 })
    expect(foreign.points.some((point) => (point.hashrateGhs ?? 0) > 1)).toBe(false)
  })

  it("shows a client only his machines, and only while they were his", async () => {
    const ctx = as(client(CLIENT, [here.siteId]))
    const mine = await readMinerSeries(ctx, { minerId: miners.A ?? 0, hours: 24 })
    const first = mine.points.find((point) => point.hashrateGhs !== null)
    expect(first?.at.getTime()).toBeGreaterThanOrEqual(hoursAgo(5).getTime())
    for (const series of [
      await readSiteSeries(ctx, { siteId: here.siteId, hours: 24 }),
      await readCompanySeries(ctx, { hours: 24 }),
    ]) {
      const at = (hours: number) =>
        series.points.find((point) => point.at.getTime() === hoursAgo(hours).getTime() - 150_000)
      expect(at(3)).toMatchObject({ hashrateGhs: 100, miners: 1 })
      expect(at(8)).toMatchObject({ hashrateGhs: null, miners: null })
      expect(at(13)).toMatchObject({ hashrateGhs: 10, miners: 1 })
      expect(series.points.at(-1)).toMatchObject({ hashrateGhs: 100, miners: 1 })
    }
  })

  it("hides what is not in the scope as NOT_FOUND", async () => {
    const notFound = { code: "NOT_FOUND" }
    const owner = as(client(CLIENT, [here.siteId]))
    const operator = as(staff([[here.siteId, "operator"]]))
    const minerId = miners.C ?? 0
    for (const ctx of [owner, operator]) {
      await expect(readMinerSeries(ctx, { minerId, hours: 24 })).rejects.toMatchObject(notFound)
      await expect(readMinerBoardSeries(ctx, { minerId, hours: 24 })).rejects.toMatchObject(notFound)
      await expect(readSiteSeries(ctx, { siteId: there.siteId, hours: 24 })).rejects.toMatchObject(notFound)
    }
    await expect(readMinerSeries(owner, { minerId: miners.B ?? 0, hours: 24 })).rejects.toMatchObject(
      notFound,
    )
    await expect(readMinerSeries(operator, { minerId: 999_999, hours: 24 })).rejects.toMatchObject(notFound)
    await expect(readCompanySeries(as({ kind: "anonymous" }), { hours: 24 })).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    })
  })

  it("never has more points than a chart can show", () => {
    for (const hours of [1, 24, 167, 720, 2_160]) {
      const { from, to, stepS } = seriesWindow(NOW, hours)
      expect((to.getTime() - from.getTime()) / 1000 / stepS).toBeLessThanOrEqual(MAX_POINTS)
    }
  })
})

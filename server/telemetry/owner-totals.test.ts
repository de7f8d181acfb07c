import { beforeAll, describe, expect, it } from "vitest"
import { ensurePartitions, makePartitions } from "#db/partitions.ts"
import { rollUpOwners } from "#db/queries/owner-history.ts"
import { useDatabase } from "#db/test/database.ts"
import type { DeviceActor } from "../access/actor.ts"
import { assignOwner } from "../people/assign-owner.ts"
import { endOwnership } from "../people/end-ownership.ts"
import { ingestBatch } from "./ingest-batch.ts"
import { pruneTelemetry } from "./prune-telemetry.ts"
import { readCompanySeries } from "./read-company-series.ts"
import { rollUp } from "./roll-up.ts"
import { batch, client, contextOf, makeSite, NOW, SYSTEM, sample } from "./test/farm.ts"

const HOUR_MS = 3_600_000

describe("totals of owners", () => {
  const database = useDatabase({ max: 6 })
  const ctx = () => contextOf(database, SYSTEM)
  const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * HOUR_MS)
  const midnight = new Date("2031-05-05T00:00:00Z")
  let device: DeviceActor
  let [x, y] = [0, 0]
  const id: Record<string, number> = {}

  const stored = async () =>
    (
      await database.sql`select user_id, bucket_at, miners, miners_online, hashrate_ghs, hashrate_expected_ghs,
        power_consumption, temperature_max, samples, samples_online from owner_telemetry_history order by 1, 2`
    ).map((row) => ({ ...row }))
  /** Every bucket of every machine, given to whom it belonged when the bucket began. */
  const recomputed = async () => {
    const buckets = await database.sql`select h.*, m.state from miner_telemetry_history h
      join hosting_miners m on m.site_id = h.site_id and m.id = h.miner_id order by bucket_at`
    const owners = await database.sql`select * from user_miners`
    const totals = new Map<string, Record<string, unknown>[]>()
    for (const bucket of buckets)
      for (const own of owners)
        if (
          own.miner_id === bucket.miner_id &&
          own.from_at <= bucket.bucket_at &&
          (own.to_at === null || own.to_at > bucket.bucket_at) &&
          bucket.state !== "retired"
        ) {
          const key = `${own.user_id} ${bucket.bucket_at.toISOString()}`
          totals.set(key, [...(totals.get(key) ?? []), bucket])
        }
    const sum = (rows: Record<string, unknown>[], name: string) => {
      const known = rows.flatMap((row) => (row[name] === null ? [] : Number(row[name])))
      return known.length > 0 ? known.reduce((one, other) => one + other, 0) : null
    }
    return [...totals]
      .map(([key, rows]) => ({
        user_id: Number(key.split(" ")[0]),
        bucket_at: new Date(key.split(" ")[1] ?? ""),
        miners: rows.length,
        miners_online: rows.filter((row) => Number(row.samples_online) > 0).length,
        hashrate_ghs: sum(rows, "hashrate_ghs"),
        hashrate_expected_ghs: sum(rows, "hashrate_expected_ghs"),
        power_consumption: sum(rows, "power_consumption"),
        temperature_max: Math.max(...rows.map((row) => Number(row.temperature_max))),
        samples: sum(rows, "samples"),
        samples_online: sum(rows, "samples_online"),
      }))
      .sort(
        (one, other) => one.user_id - other.user_id || one.bucket_at.getTime() - other.bucket_at.getTime(),
      )
  }
  const upload = (samples: ReturnType<typeof sample>[]) =>
    ingestBatch(contextOf(database, device), batch(samples))
  const seenBy = async (userId: number) => {
    const series = await readCompanySeries(contextOf(database, client(userId, [device.siteId])), {
      hours: 24,
    })
    return (hours: number) =>
      series.points.find((point) => point.at.getTime() === hoursAgo(hours).getTime() - 150_000)?.hashrateGhs
  }

  beforeAll(async () => {
    await ensurePartitions(database.sql, NOW)
    device = await makeSite(database, "owners")
    const users = await database.sql`insert into user_access (email, name, kind)
      values ('x@test', 'X', 'client'), ('y@test', 'Y', 'client') returning id`
    ;[x, y] = [users[0]?.id, users[1]?.id]
    const steps = Array.from({ length: 144 }, (_, n) => 600 + n * 600)
    const rates = { A: 100, B: 10, C: 1 }
    await upload(
      Object.entries(rates).flatMap(([name, ghs]) =>
        steps.map((s) => sample(name, s, { hashrate_5s_ghs: ghs, temperature_max: 60 + (s % 11) })),
      ),
    )
    for (const row of await database.sql`select id, miner_id from hosting_miners`) id[row.miner_id] = row.id
    // Days that are older than what samples may be.
    await makePartitions(database.sql, "miner_telemetry_history", hoursAgo(24 * 5), NOW)
    await database.sql`
      insert into miner_telemetry_history (site_id, miner_id, bucket_at, samples, samples_online, samples_mining, hashrate_ghs,
        temperature_max)
      select ${device.siteId}, m, at, 5, 5, 5, 7, 50
      from unnest(${[id.A ?? 0, id.C ?? 0]}::int[]) m,
        generate_series(${hoursAgo(24 * 5)}::timestamptz, ${midnight}::timestamptz - interval '1 hour', '1 hour') day,
        date_bin('5 minutes', day, 'epoch'::timestamptz) at`
  })

  it("are rolled up from the machines that were his when the bucket began, late samples included", async () => {
    const give = (name: string, userId: number, fromAt: Date) =>
      assignOwner(ctx(), { minerIds: [id[name] ?? 0], userId, fromAt })
    await give("A", x, hoursAgo(20))
    await give("A", y, hoursAgo(5))
    await give("B", x, hoursAgo(10))
    expect(await stored()).toEqual([])
    await rollUp(ctx())
    const totals = await stored()
    expect(totals.length).toBeGreaterThan(100)
    expect(totals).toEqual(await recomputed())

    await upload([sample("B", 3 * 3_600 + 30, { hashrate_5s_ghs: 30 })])
    await rollUp(ctx())
    expect(await stored()).not.toEqual(totals)
    expect(await stored()).toEqual(await recomputed())
    const at = await seenBy(x)
    expect([at(22), at(15), at(8), at(2)]).toEqual([undefined, 100, 110, 10].map((ghs) => ghs ?? null))
  })

  it("are corrected with a back-dated change, before anybody can look", async () => {
    await assignOwner(ctx(), { minerIds: [id.B ?? 0], userId: y, fromAt: hoursAgo(7) })
    expect(await stored()).toEqual(await recomputed())
    const [former, latter] = [await seenBy(x), await seenBy(y)]
    expect([former(8), former(6), former(4), latter(8), latter(6), latter(4)]).toEqual([
      110,
      100,
      null,
      null,
      10,
      110,
    ])

    const [own] = await database.sql`
      select id from user_miners where miner_id = ${id.B ?? 0} and user_id = ${y}`
    await endOwnership(ctx(), { siteId: device.siteId, id: own?.id, toAt: hoursAgo(6) })
    expect(await stored()).toEqual(await recomputed())
    const ended = await seenBy(y)
    expect([ended(6.5), ended(5.5), ended(4)]).toEqual([10, null, 100])

    await assignOwner(ctx(), { minerIds: [id.A ?? 0], userId: null, fromAt: hoursAgo(3) })
    expect(await stored()).toEqual(await recomputed())
    expect((await seenBy(y))(2)).toBeNull()
  })

  it("show nothing of days further back until the roll-up has added them up", async () => {
    await assignOwner(ctx(), { minerIds: [id.C ?? 0], userId: x, fromAt: hoursAgo(24 * 60) })
    const recent = (rows: { bucket_at?: Date }[]) => rows.filter((row) => (row.bucket_at ?? NOW) >= midnight)
    expect(await stored()).toEqual(recent(await recomputed()))
    await rollUp(ctx())
    const all = await recomputed()
    expect(all.length).toBeGreaterThan(recent(all).length + 80)
    expect(await stored()).toEqual(all)
    expect(await database.sql`select 1 from owner_rollup_pending`).toEqual([])

    const [own] = await database.sql`select id from user_miners where miner_id = ${id.C ?? 0}`
    await endOwnership(ctx(), { siteId: device.siteId, id: own?.id, toAt: hoursAgo(24 * 4) })
    expect(
      (await stored()).some((row) => row.bucket_at >= hoursAgo(24 * 4) && row.bucket_at < midnight),
    ).toBe(false)
    await rollUp(ctx())
    expect(await stored()).toEqual(await recomputed())
  })

  it("never mix with a roll-up that runs while owners change", async () => {
    const { siteId } = device
    const bucketAt = hoursAgo(1 + 5 / 60 / 2)
    const to = new Date(bucketAt.getTime() + 300_000)
    const change = await database.sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtext('telemetry.rollup'), ${siteId})`
      const changed = assignOwner(ctx(), { minerIds: [id.B ?? 0], userId: x, fromAt: hoursAgo(2) })
      await expect
        .poll(() => database.sql`select 1 from pg_locks where locktype = 'advisory' and not granted`)
        .toHaveLength(1)
      await tx`update miner_telemetry_history set hashrate_ghs = 55 where miner_id = ${id.B ?? 0} and bucket_at = ${bucketAt}`
      await rollUpOwners(tx, { siteId, owners: "all", from: bucketAt, to })
      return { changed }
    })
    await change.changed
    expect((await seenBy(x))(1)).toBe(55)
    expect(await stored()).toEqual(await recomputed())
  })

  it("go with the buckets they are made of", async () => {
    await database.sql`update hosting_sites set history_days = 4`
    await pruneTelemetry(ctx())
    const totals = await stored()
    expect(totals.length).toBeGreaterThan(0)
    expect(totals.every((row) => row.bucket_at >= hoursAgo(24 * 4))).toBe(true)
    expect(totals).toEqual(await recomputed())
  })
})

import { beforeAll, describe, expect, it } from "vitest"
import { ensurePartitions, listPartitions } from "#db/partitions.ts"
import { useDatabase } from "#db/test/database.ts"
import { boardHealth, type TelemetrySample } from "#server/contract/telemetry.ts"
import type { DeviceActor } from "../access/actor.ts"
import { ingestBatch } from "./ingest-batch.ts"
import { pruneTelemetry } from "./prune-telemetry.ts"
import { pruneUploadLogs } from "./prune-upload-logs.ts"
import { rollUp } from "./roll-up.ts"
import { batch, contextOf, makeSite, NOW, offline, SYSTEM, sample } from "./test/farm.ts"

/** A small generator with a fixed seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}
const mean = (values: (number | null | undefined)[]) => {
  const known = values.filter((value) => value != null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

describe("rollUp", () => {
  const database = useDatabase({ max: 6 })
  let clock = NOW
  const system = () => contextOf(database, SYSTEM, () => clock)
  const upload = (device: DeviceActor, samples: readonly TelemetrySample[], id?: string) =>
    ingestBatch(
      contextOf(database, device, () => clock),
      batch(samples, id),
    )
  beforeAll(async () => {
    await ensurePartitions(database.sql, NOW)
  })

  it("equals a recomputation from all samples after late, repeated and disordered ones, with two workers", async () => {
    clock = NOW
    const device = await makeSite(database, "rollup", { timezone: "Asia/Kolkata" })
    const random = randomOf(7)
    const all: TelemetrySample[] = []
    for (let miner = 0; miner < 4; miner++)
      for (let secondsAgo = 400; secondsAgo < 10 * 3_600; secondsAgo += 97)
        all.push(
          random() < 0.1
            ? offline(`m${miner}`, secondsAgo)
            : sample(`m${miner}`, secondsAgo, {
                hashrate_5s_ghs: random() < 0.2 ? null : 90_000 + Math.floor(random() * 1_000),
                hashrate_ghs: 80_000 + Math.floor(random() * 1_000),
                temperature_max: 60 + Math.floor(random() * 20),
                power_consumption: random() < 0.1 ? null : 3_000 + Math.floor(random() * 500),
                accepted_shares: Math.floor(random() * 1e9),
                mining: random() < 0.9,
                boards: [0, 1, 2].map((id) => ({
                  id,
                  hashrate: Math.floor(random() * 30_000),
                  temp_chip_max: 60 + Math.floor(random() * 20),
                  chips_ok: 100 + Math.floor(random() * 15),
                  chips_total: 114,
                })),
              }),
        )
    const shuffled = [...all].sort(() => random() - 0.5)
    const ids: { id: string; samples: TelemetrySample[] }[] = []
    for (let at = 0; at < shuffled.length; at += 50)
      ids.push({ id: crypto.randomUUID(), samples: shuffled.slice(at, at + 50) })
    for (const [n, { id, samples }] of ids.entries()) {
      await Promise.all([upload(device, samples, id), rollUp(system())])
      const again = ids[Math.floor(random() * (n + 1))]
      if (again) await upload(device, again.samples, again.id)
    }
    await Promise.all([rollUp(system()), rollUp(system())])
    await rollUp(system())
    expect(await database.sql`select * from rollup_pending`).toEqual([])

    const rows = await database.sql`
      select h.*, m.miner_id as wire_id from miner_telemetry_history h
      join hosting_miners m on m.site_id = h.site_id and m.id = h.miner_id where h.site_id = ${device.siteId}`
    const boards = await database.sql`
      select h.*, m.miner_id as wire_id from miner_board_telemetry h
      join hosting_miners m on m.site_id = h.site_id and m.id = h.miner_id where h.site_id = ${device.siteId}`
    const expected = new Map<string, TelemetrySample[]>()
    for (const one of all) {
      const ms = Date.parse(one.collected_at)
      const key = `${one.miner_id} ${ms - (ms % 300_000)}`
      expected.set(key, [...(expected.get(key) ?? []), one])
    }
    expect(rows.length).toBe(expected.size)
    for (const row of rows) {
      const own = expected.get(`${row.wire_id} ${row.bucket_at.getTime()}`) ?? []
      own.sort((one, other) => one.collected_at.localeCompare(other.collected_at))
      const rates = own.map((one) => one.hashrate_5s_ghs ?? one.hashrate_ghs)
      const temps = own.flatMap((one) => one.temperature_max ?? [])
      expect(row).toMatchObject({
        samples: own.length,
        samples_online: own.filter((one) => one.online).length,
        samples_mining: own.filter((one) => one.mining).length,
        temperature_max: temps.length > 0 ? Math.max(...temps) : null,
        accepted_shares: own.at(-1)?.accepted_shares == null ? null : String(own.at(-1)?.accepted_shares),
      })
      expect(row.hashrate_ghs ?? -1).toBeCloseTo(mean(rates) ?? -1, 0)
      expect(row.power_consumption ?? -1).toBeCloseTo(mean(own.map((one) => one.power_consumption)) ?? -1, 1)
    }
    for (const row of boards) {
      const own = (expected.get(`${row.wire_id} ${row.bucket_at.getTime()}`) ?? []).filter(
        (one) => one.boards,
      )
      const told = own.map((one) => one.boards?.[row.board])
      expect(row.samples).toBe(own.length)
      expect(row.hashrate_ghs).toBeCloseTo(mean(told.map((board) => board?.hashrate)) ?? -1, 0)
      const last = told.at(-1)
      expect(row.chips_ok).toBe(last?.chips_ok)
      expect(["healthy", "warning", "critical", "offline"][row.health]).toBe(boardHealth(last?.chips_ok, 114))
    }

    const [site] = await database.sql`
      select sum(samples)::int as samples, sum(samples_online)::int as online, max(miners) as miners
      from site_telemetry_history where site_id = ${device.siteId}`
    const online = all.filter((one) => one.online).length
    expect(site).toEqual({ samples: all.length, online, miners: 4 })
    const days = await database.sql`
      select day::text, samples::int, samples_online::int from site_uptime_daily where site_id = ${device.siteId} order by day`
    const inKolkata = (one: TelemetrySample) =>
      new Date(Date.parse(one.collected_at) + 5.5 * 3_600_000).toISOString().slice(0, 10)
    expect(days).toEqual(
      [...new Set(all.map(inKolkata))].sort().map((day) => ({
        day,
        samples: all.filter((one) => inKolkata(one) === day).length,
        samples_online: all.filter((one) => inKolkata(one) === day && one.online).length,
      })),
    )
  })

  it("leaves the bucket that is still open, and one that another worker holds", async () => {
    clock = NOW
    const device = await makeSite(database, "open")
    await upload(device, [sample("A", 10), sample("A", 300)])
    await database.sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtext('telemetry.rollup'), ${device.siteId})`
      expect(await rollUp(system())).toEqual({ buckets: 0 })
    })
    expect(await rollUp(system())).toEqual({ buckets: 1 })
    const pending = await database.sql`select bucket_at from rollup_pending where site_id = ${device.siteId}`
    expect(pending.map((row) => row.bucket_at)).toEqual([new Date("2031-05-06T12:00:00Z")])
  })

  it("keeps the mark of a bucket that is touched while it is rolled up", async () => {
    clock = NOW
    const device = await makeSite(database, "touched")
    await upload(device, [sample("A", 400)])
    const { readMark, removeMark } = await import("#db/queries/rollup.ts")
    const bucket = { siteId: device.siteId, bucketAt: new Date("2031-05-06T11:55:00Z") }
    const mark = await database.sql.begin((tx) => readMark(tx, bucket))
    await upload(device, [sample("A", 390)])
    await database.sql.begin((tx) => removeMark(tx, bucket, mark?.touchedAt ?? ""))
    expect(await database.sql`select 1 from rollup_pending where site_id = ${device.siteId}`).toHaveLength(1)
    await rollUp(system())
    const [row] =
      await database.sql`select samples from miner_telemetry_history where site_id = ${device.siteId}`
    expect(row).toEqual({ samples: 2 })
  })

  it("prunes whole raw partitions after 25 h, never before their samples are rolled up, and keeps the buckets", async () => {
    clock = NOW
    const device = await makeSite(database, "prune", { historyDays: 3 })
    const keeper = await makeSite(database, "keeper", { historyDays: 0 })
    await upload(device, [sample("A", 3_600), sample("A", 24 * 3_600)])
    await upload(keeper, [sample("B", 3_600)])
    clock = new Date(NOW.getTime() + 26 * 3_600_000)
    const waiting = await database.sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtext('telemetry.rollup'), ${device.siteId})`
      return (await pruneTelemetry(system())).dropped
    })
    expect(waiting).not.toContain("telemetry_raw_24h_20310506h11")
    const { dropped } = await pruneTelemetry(system())
    expect(dropped).toContain("telemetry_raw_24h_20310506h11")
    expect(dropped).not.toContain("telemetry_raw_24h_20310506h13")
    expect((await listPartitions(database.sql, "telemetry_raw_24h"))[0]?.endsAt.getTime()).toBeGreaterThan(
      clock.getTime() - 25 * 3_600_000,
    )
    const buckets = () =>
      database.sql`select bucket_at from miner_telemetry_history where site_id = ${device.siteId}`
    expect(await buckets()).toHaveLength(2)

    // A mark without samples behind it takes nothing away.
    await database.sql`insert into rollup_pending (site_id, bucket_at) values (${device.siteId}, '2031-05-06T11:00:00Z')`
    await rollUp(system())
    expect(await buckets()).toHaveLength(2)

    clock = new Date(NOW.getTime() + 48.5 * 3_600_000)
    await pruneTelemetry(system())
    expect(await buckets()).toHaveLength(1)
    clock = new Date(NOW.getTime() + 100 * 24 * 3_600_000)
    await pruneTelemetry(system())
    expect(await buckets()).toHaveLength(0)
    const kept = await database.sql`select 1 from miner_telemetry_history where site_id = ${keeper.siteId}`
    expect(kept).toHaveLength(1)
    await database.sql`update hosting_sites set history_days = 30`
    await pruneTelemetry(system())
    expect(await listPartitions(database.sql, "miner_board_telemetry")).toEqual([])
  })

  it("removes upload logs after seven days", async () => {
    clock = NOW
    const device = await makeSite(database, "logs")
    await ensurePartitions(database.sql, NOW)
    await upload(device, [sample("A", 10)])
    const logs = () => database.sql`select 1 from collector_upload_logs where site_id = ${device.siteId}`
    clock = new Date(NOW.getTime() + 6.9 * 24 * 3_600_000)
    await pruneUploadLogs(system())
    expect(await logs()).toHaveLength(1)
    clock = new Date(NOW.getTime() + 7.1 * 24 * 3_600_000)
    await pruneUploadLogs(system())
    expect(await logs()).toHaveLength(0)
  })
})

import { randomUUID } from "node:crypto"
import { beforeAll, beforeEach, describe, expect, it } from "vitest"
import { ensurePartitions } from "#db/partitions.ts"
import { useDatabase } from "#db/test/database.ts"
import { LIVE_CHANNEL, type LiveEvent } from "#server/contract/live-events.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import type { DeviceActor } from "../access/actor.ts"
import { ingestBatch } from "./ingest-batch.ts"
import { batch, contextOf, makeSite, NOW, offline, SYSTEM, sample } from "./test/farm.ts"

describe("ingestBatch", () => {
  const database = useDatabase({ max: 6 })
  let device: DeviceActor
  let count = 0
  const ingest = (samples: readonly unknown[], batchId?: string) =>
    ingestBatch(contextOf(database, device), batch(samples, batchId))
  const rawCount = async () => {
    const [row] = await database.sql<{ n: number }[]>`
      select count(*)::int as n from telemetry_raw_24h where site_id = ${device.siteId}`
    return row?.n
  }
  const live = async (minerId: string) => {
    const [row] = await database.sql`
      select l.* from miner_telemetry_live l join hosting_miners m on m.site_id = l.site_id and m.id = l.miner_id
      where m.site_id = ${device.siteId} and m.miner_key = ${minerId.toLowerCase()}`
    return row
  }
  const eventsOf = async () =>
    database.sql<{ kind: string; severity: string; at: Date }[]>`
      select kind, severity, at from fleet_events where site_id = ${device.siteId} order by id`

  beforeAll(async () => {
    await ensurePartitions(database.sql, NOW)
  })
  beforeEach(async () => {
    device = await makeSite(database, `site-${count++}`)
  })

  it("stores every field of a sample, provisions its machine and tells the pages", async () => {
    const told: LiveEvent[] = []
    const listening = await database.sql.listen(LIVE_CHANNEL, (payload) => told.push(JSON.parse(payload)))
    const one = sample("SN-1", 30)
    const answer = await ingest([one, offline("SN-2", 30)])
    expect(answer).toMatchObject({ processed: 2, online: 1, offline: 1, duplicate: false, rejected: [] })

    const miners =
      await database.sql`select * from hosting_miners where site_id = ${device.siteId} order by id`
    expect(miners.map((row) => row.miner_key)).toEqual(["sn-1", "sn-2"])
    expect(miners[0]).toMatchObject({
      miner_id: "SN-1",
      device_id: device.deviceId,
      ip_address: "10.0.0.7",
      make: "Antminer",
      model: "S19",
      firmware_version: "2022-11",
      mac: "02:00:00:00:00:01",
      serial: null,
      state: "active",
    })
    const row = await live("SN-1")
    expect(row).toMatchObject({
      online: true,
      misses: 0,
      offline_since: null,
      hashrate_5s_ghs: 102_000.25,
      temperature_chips: [70, 71.5, null],
      fan_speeds: [5_880, 5_940, null],
      accepted_shares: "5000000000",
      hardware_errors: "0",
      stale_shares: "3",
      power_mode: "normal",
      worker_name: "farm.SN-1",
      overall_health: "healthy",
      error_message: null,
      errors: null,
    })
    expect(row?.collected_at).toEqual(new Date(one.collected_at))
    expect(row?.received_at).toEqual(NOW)
    const [texts] = await database.sql`
      select boards::text, pools::text from miner_telemetry_live where site_id = ${device.siteId} and online`
    expect(JSON.parse(texts?.boards)).toEqual(one.boards)
    expect(JSON.parse(texts?.pools)).toEqual(one.pools)

    const [raw] = await database.sql`
      select r.*, l.pool_url, l.worker_name from telemetry_raw_24h r
      left join telemetry_labels l on l.site_id = r.site_id and l.id = r.label_id
      where r.site_id = ${device.siteId} and online`
    expect(raw).toMatchObject({
      power_mode: 1,
      overall_health: 0,
      board_ids: [0, 1, 2],
      board_hashrate_ghs: [34_000, 34_001, 34_002],
      board_chips_ok: [114, 114, 114],
      rare: null,
      pool_url: "stratum+tcp://pool.test:3333",
      worker_name: "farm.SN-1",
      power_estimated: true,
      mining: true,
      temperature_max: 71.5,
    })
    const [dark] = await database.sql`
      select * from telemetry_raw_24h where site_id = ${device.siteId} and not online`
    expect(dark).toMatchObject({ hashrate_ghs: null, board_ids: null, label_id: null, mining: null })

    const [log] = await database.sql`select * from collector_upload_logs where site_id = ${device.siteId}`
    expect(log).toMatchObject({ miner_count: 2, online: 1, offline: 1, rejected: 0, wire_bytes: 1_234 })
    const pending = await database.sql`select bucket_at from rollup_pending where site_id = ${device.siteId}`
    expect(pending.map((one) => one.bucket_at)).toEqual([new Date("2031-05-06T12:00:00Z")])
    await database.sql`select pg_notify(${LIVE_CHANNEL}, '{"kind":"end"}')`
    await expect.poll(() => told.map((event) => event.kind as string)).toContain("end")
    expect(told.slice(0, 2)).toEqual([
      { kind: "telemetry", siteId: device.siteId, deviceId: device.deviceId, at: NOW.toISOString() },
      expect.objectContaining({ kind: "miners", change: "added", minerIds: miners.map((one) => one.id) }),
    ])
    await listening.unlisten()
  })

  it("acknowledges a batch id it knows and stores nothing, also when both come at once", async () => {
    const batchId = randomUUID()
    const samples = [sample("A", 40), offline("B", 40), { miner_id: "C" }]
    const answers = await Promise.all([1, 2, 3, 4].map(() => ingest(samples, batchId)))
    expect(answers.map((answer) => answer.duplicate).sort()).toEqual([false, true, true, true])
    for (const answer of [...answers, await ingest(samples, batchId)]) {
      expect(answer).toMatchObject({ processed: 2, online: 1, offline: 1 })
      expect(answer.rejected).toMatchObject([{ index: 2, reason: "invalid" }])
    }
    expect(await rawCount()).toBe(2)
  })

  it("judges a second delivery by the clock of the first", async () => {
    const batchId = randomUUID()
    const old = sample("A", 24.9 * 3_600)
    expect((await ingest([old], batchId)).rejected).toEqual([])
    const later = contextOf(database, device, new Date(NOW.getTime() + 3_600_000))
    const again = await ingestBatch(later, batch([old], batchId))
    expect(again).toMatchObject({ duplicate: true, processed: 1, rejected: [] })
  })

  it("rejects bad samples by index and stores the rest", async () => {
    const answer = await ingest([
      sample("A", 10),
      { ...sample("B", 10), temperature_max: "hot" },
      sample("C", -301),
      sample("D", 25 * 3_600 + 1),
      sample("a", 10),
      sample("A", 70),
      null,
      { ...sample("E", 10), hashrate_ghs: 1e300 },
      { ...sample("F", 10), voltage_avg: 1e-300 },
      sample("G", -299),
      sample("H", 25 * 3_600 - 1),
      { ...sample("I", 10), collected_at: "2031-02-30T00:00:00Z" },
    ])
    expect(answer.rejected.map(({ index, reason }) => [index, reason])).toEqual([
      [1, "invalid"],
      [2, "clock_skew"],
      [3, "clock_skew"],
      [4, "duplicate_miner"],
      [6, "invalid"],
      [7, "invalid"],
      [11, "invalid"],
    ])
    expect(answer.rejected[0]?.message).toMatch(/^temperature_max: /)
    expect(answer).toMatchObject({ processed: 5, online: 5 })
    expect(await rawCount()).toBe(5)
  })

  it("keeps a batch whose samples are all bad as an empty one", async () => {
    expect(await ingest([{}])).toMatchObject({ processed: 0, duplicate: false, rejected: [{ index: 0 }] })
    expect(await ingest([])).toMatchObject({ processed: 0, rejected: [] })
  })

  it("stores text that PostgreSQL cannot hold without its bad characters", async () => {
    const garbage = "x\0y\ud800z"
    await ingest([
      sample("A", 10, {
        model: garbage,
        worker_name: garbage,
        error_message: garbage,
        errors: [{ code: "1", message: garbage }],
        pools: [{ url: garbage, active: true }],
      }),
    ])
    expect(await live("A")).toMatchObject({ error_message: "xy\ufffdz", worker_name: "xy\ufffdz" })
  })

  it("never lets an older sample change the live row, whatever the order of arrival", async () => {
    await ingest([sample("A", 10, { hashrate_5s_ghs: 3 })])
    await ingest([
      sample("A", 3_600, { hashrate_5s_ghs: 1 }),
      offline("A", 1_800),
      offline("A", 1_700),
      offline("A", 1_600),
    ])
    await ingest([sample("A", 10, { hashrate_5s_ghs: 9 })])
    expect(await live("A")).toMatchObject({
      online: true,
      misses: 0,
      offline_since: null,
      hashrate_5s_ghs: 3,
    })
    expect(await rawCount()).toBe(6)
    expect((await eventsOf()).map((event) => event.kind)).toEqual(["miner_added"])
  })

  it("calls a machine offline at its third dark sample in a row, and online at its next bright one", async () => {
    await ingest([sample("A", 120)])
    await ingest([offline("A", 100)])
    await ingest([offline("A", 80)])
    expect(await live("A")).toMatchObject({ online: false, misses: 2, offline_since: null })
    const third = offline("A", 60)
    await ingest([third])
    expect((await live("A"))?.offline_since).toEqual(new Date(third.collected_at))
    await ingest([offline("A", 40)])
    expect((await live("A"))?.offline_since).toEqual(new Date(third.collected_at))
    await ingest([sample("A", 20)])
    expect(await live("A")).toMatchObject({ online: true, misses: 0, offline_since: null })
    expect((await eventsOf()).map((event) => event.kind)).toEqual([
      "miner_added",
      "miner_offline",
      "miner_online",
    ])
  })

  it("sees the same in one batch of several cycles, in any order", async () => {
    await ingest([sample("A", 20), offline("A", 60), sample("A", 120), offline("A", 100), offline("A", 80)])
    expect(await live("A")).toMatchObject({ online: true, misses: 0 })
    const events = await eventsOf()
    expect(events.map((event) => event.kind)).toEqual(["miner_added", "miner_offline", "miner_online"])
    expect(events[1]?.at).toEqual(new Date(NOW.getTime() - 60_000))
  })

  it("tells of lost boards and of heat, once, with distance before it has cooled", async () => {
    const warm = (secondsAgo: number, temperature_max: number) => sample("A", secondsAgo, { temperature_max })
    const dead = sample("B", 90, { boards_healthy: 2 })
    dead.boards = dead.boards?.map((board) => (board.id === 1 ? { ...board, chips_ok: 0 } : board))
    await ingest([warm(100, 80), sample("B", 100)])
    await ingest([warm(90, 86), dead])
    for (const [secondsAgo, temperature] of [
      [80, 84],
      [70, 86],
      [60, 83],
      [50, 81],
      [40, 83],
      [30, 70],
    ] as const)
      await ingest([warm(secondsAgo, temperature)])
    await ingest([{ ...dead, collected_at: NOW.toISOString() }])
    const events = await eventsOf()
    expect(events.map((event) => event.kind).sort()).toEqual([
      "board_lost",
      "cooled",
      "hot",
      "miner_added",
      "miner_added",
    ])
    expect(events.find((event) => event.kind === "cooled")?.at).toEqual(new Date(NOW.getTime() - 50_000))
  })

  it("keeps one machine under ids of any case and writes what uploads own only when it changed", async () => {
    await ingest([sample("Sn-9", 60)])
    await database.sql`update hosting_miners set label = 'Rack 1', place = 'C3' where site_id = ${device.siteId}`
    const version = async () => {
      const [row] = await database.sql<{ xmin: string }[]>`
        select xmin::text, * from hosting_miners where site_id = ${device.siteId}`
      return row
    }
    const before = await version()
    await ingest([sample("SN-9", 50)])
    await ingest([{ ...offline("sn-9", 40) }])
    expect(await version()).toEqual(before)
    await ingest([sample("SN-9", 30, { ip_address: "10.0.0.8", serial: "S" })])
    expect(await version()).toMatchObject({
      ip_address: "10.0.0.8",
      serial: "S",
      label: "Rack 1",
      place: "C3",
      miner_id: "Sn-9",
    })
    expect(await rawCount()).toBe(4)
  })

  it("takes overlapping batches at once without deadlock, and counts every row", async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `M${n}`)
    const batches = Array.from({ length: 12 }, (_, n) => {
      const own = ids.map((id) => sample(id, 600 - n * 10))
      return n % 2 ? own.reverse() : own
    })
    const other = { ...device, deviceId: device.deviceId + 1_000 }
    await Promise.all(
      batches.map((samples, n) => ingestBatch(contextOf(database, n % 3 ? device : other), batch(samples))),
    )
    expect(await rawCount()).toBe(60 * 12)
    const [row] = await database.sql<{ miners: number; newest: Date }[]>`
      select count(*)::int as miners, min(collected_at) as newest from miner_telemetry_live where site_id = ${device.siteId}`
    expect(row).toEqual({ miners: 60, newest: new Date(NOW.getTime() - 490_000) })
  })

  it("makes a partition that is missing and stores the batch", async () => {
    const later = new Date(NOW.getTime() + 40 * 24 * 3_600_000)
    const ahead: TelemetrySample = { ...sample("A", 0), collected_at: later.toISOString() }
    const answer = await ingestBatch(contextOf(database, device, later), batch([ahead]))
    expect(answer).toMatchObject({ processed: 1, duplicate: false })
    expect(await rawCount()).toBe(1)
  })

  it("is refused to everybody but a collector", async () => {
    await expect(ingestBatch(contextOf(database, SYSTEM), batch([]))).rejects.toMatchObject({
      code: "FORBIDDEN",
    })
  })
})

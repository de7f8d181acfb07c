import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import { createClock, createFixtures } from "#db/test/fixtures.ts"
import type { HeartbeatInput } from "#server/contract/edge.ts"
import { LIVE_CHANNEL } from "#server/contract/live-events.ts"
import { authenticateCollector } from "./authenticate-collector.ts"
import { claimInstance } from "./claim-instance.ts"
import { createEnrollmentCode } from "./create-enrollment-code.ts"
import { enrollCollector } from "./enroll-collector.ts"
import { listCollectors } from "./list-collectors.ts"
import { readCollector } from "./read-collector.ts"
import { recordEdgeEvent } from "./record-edge-event.ts"
import { recordHeartbeat } from "./record-heartbeat.ts"

describe("a collector that is heard", () => {
  const database = useDatabase({ max: 8 })
  const clock = createClock()
  const make = createFixtures(database, clock.now)

  async function collector() {
    const siteId = await make.site()
    const { code } = await createEnrollmentCode(make.system(), { siteId, deviceName: "Hall 1" })
    const instanceId = randomUUID()
    const { key, device_id: deviceId } = await enrollCollector(make.anonymous(), {
      code,
      instance_id: instanceId,
      public_key: "a".repeat(43),
      edge_version: "0.1.0",
    })
    const device = make.as(await authenticateCollector(make.services(), { key }))
    return { siteId, deviceId, device, instanceId }
  }
  const beat = (instance_id: string, part: Partial<HeartbeatInput> = {}): HeartbeatInput => ({
    instance_id,
    edge_version: "0.1.0",
    uptime_s: 10,
    edge_time: clock.now().toISOString(),
    config_version: 1,
    miners_known: 30,
    miners_online: 29,
    spool: { batches: 0, samples: 0, bytes: 0, oldest_at: null, dropped_samples: 0, quarantined_samples: 0 },
    rss_bytes: 90_000_000,
    last_poll_cycle_ms: 812.4,
    unacked_results: 0,
    ...part,
  })

  it("shows how it is", async () => {
    const { device, deviceId, siteId, instanceId } = await collector()
    const edge_time = new Date(clock.now().getTime() - 4_200).toISOString()
    const spool = { ...beat(instanceId).spool, batches: 3, samples: 90, bytes: 4_096 }
    const answer = await recordHeartbeat(device, beat(instanceId, { edge_time, spool }))
    expect(answer).toEqual({ server_time: clock.now().toISOString(), config_version: 1 })
    const [row] = await listCollectors(make.system(), { siteId })
    expect(row).toMatchObject({
      id: deviceId,
      state: "online",
      clockOffsetMs: -4_200,
      minersKnown: 30,
      minersOnline: 29,
      spool,
      lastPollCycleMs: 812,
      configCurrent: true,
      lastSeenAt: clock.now(),
    })
    clock.advance(90_001)
    expect((await listCollectors(make.system(), { siteId }))[0]).toMatchObject({ state: "silent" })
  })

  it("survives an edge clock that lost its battery", async () => {
    const { device, siteId, instanceId } = await collector()
    await recordHeartbeat(device, beat(instanceId, { edge_time: "1970-01-01T00:00:00Z" }))
    expect((await listCollectors(make.system(), { siteId }))[0]?.clockOffsetMs).toBe(-2_147_483_647)
  })

  it("is back after a silence: an event and a live notice, once", async () => {
    const { device, deviceId, siteId, instanceId } = await collector()
    await recordHeartbeat(device, beat(instanceId))
    const told: string[] = []
    const listening = await database.sql.listen(LIVE_CHANNEL, (payload) => told.push(payload))
    await database.sql`update edge_devices set silent_since = ${clock.now()} where id = ${deviceId}`
    clock.advance(12 * 60_000)
    await recordHeartbeat(device, beat(instanceId))
    await recordHeartbeat(device, beat(instanceId))
    const { events, silentSince } = await readCollector(make.system(), { deviceId })
    expect(silentSince).toBeNull()
    expect(events).toMatchObject([
      { kind: "collector_back", message: "Collector Hall 1 is back after 12 min." },
    ])
    await database.sql.notify(LIVE_CHANNEL, "end")
    await expect.poll(() => told.at(-1)).toBe("end")
    expect(told.slice(0, -1).map((payload) => JSON.parse(payload))).toEqual([
      { kind: "collector", siteId, deviceId, at: clock.now().toISOString() },
    ])
    await listening.unlisten()
  })

  it("belongs to one process until that was silent for 90 s", async () => {
    const { device, instanceId } = await collector()
    await recordHeartbeat(device, beat(instanceId))
    const second = randomUUID()
    clock.advance(30_000)
    await expect(recordHeartbeat(device, beat(second))).rejects.toMatchObject({
      code: "CONFLICT",
      retryAfterS: 60,
    })
    await expect(claimInstance(device, { instanceId: second })).rejects.toMatchObject({ code: "CONFLICT" })
    await claimInstance(device, { instanceId })
    clock.advance(60_000)
    await claimInstance(device, { instanceId: second })
    await recordHeartbeat(device, beat(second))
    await expect(recordHeartbeat(device, beat(instanceId))).rejects.toMatchObject({ code: "CONFLICT" })
  })

  it("goes to one of many processes that come at once", async () => {
    const { device, deviceId } = await collector()
    clock.advance(90_000)
    const claims = await Promise.allSettled(
      Array.from({ length: 4 }, () => claimInstance(device, { instanceId: randomUUID() })),
    )
    expect(claims.filter((one) => one.status === "fulfilled")).toHaveLength(1)
    clock.advance(90_000)
    const beats = await Promise.allSettled(
      Array.from({ length: 4 }, () => recordHeartbeat(device, beat(randomUUID()))),
    )
    expect(beats.filter((one) => one.status === "fulfilled")).toHaveLength(1)
    expect(await database.sql`select 1 from edge_devices where id = ${deviceId}`).toHaveLength(1)
  })

  it("tells of what happens, once", async () => {
    const { device, deviceId, instanceId } = await collector()
    const event = {
      instance_id: instanceId,
      type: "spool_dropped",
      severity: "warning",
      message: "The spool was full: 400 samples were dropped.",
      at: clock.now().toISOString(),
    } as const
    expect(await recordEdgeEvent(device, event)).toEqual({ recorded: true })
    expect(await recordEdgeEvent(device, event)).toEqual({ recorded: false })
    await recordEdgeEvent(device, { ...event, message: "wild clock", at: "1999-01-01T00:00:00Z" })
    const { events } = await readCollector(make.system(), { deviceId })
    expect(events.map((one) => [one.message, one.at])).toEqual([
      ["Hall 1: wild clock", clock.now()],
      ["Hall 1: The spool was full: 400 samples were dropped.", clock.now()],
    ])
  })

  it("is a device: people and nobody cannot speak for it", async () => {
    const { instanceId } = await collector()
    await expect(recordHeartbeat(make.system(), beat(instanceId))).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    })
    await expect(claimInstance(make.anonymous(), { instanceId })).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    })
  })
})

import { randomUUID } from "node:crypto"
import { beforeAll, beforeEach, describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import {
  addDevice,
  addMinerRow,
  addSite,
  admin,
  ago,
  contextFor,
  NOW,
  staffAt,
  system,
} from "#db/test/fleet.ts"
import { recordHeartbeat } from "../collectors/record-heartbeat.ts"
import { detectOffline } from "./detect-offline.ts"
import { listEvents } from "./list-events.ts"
import { listMiners } from "./list-miners.ts"

describe("detectOffline", () => {
  const database = useDatabase({ max: 8 })
  let serial = 0
  let site = 0
  let slug = ""
  const heard: Record<string, unknown>[] = []
  const run = (now = NOW) => detectOffline(contextFor(database, system, now))
  const miner = (deviceId: number, live: Parameters<typeof addMinerRow>[3], part = {}) =>
    addMinerRow(database, site, { minerId: `M-${serial++}`, deviceId, ...part }, live)
  const statuses = async () =>
    Object.fromEntries(
      (await listMiners(contextFor(database, admin()), { siteSlug: slug, status: "all" })).rows.map((row) => [
        row.id,
        row.status,
      ]),
    )
  const events = async () => (await listEvents(contextFor(database, admin()), { siteId: site })).rows

  beforeAll(async () => {
    await database.sql.listen("lamproom_live", (payload) => heard.push(JSON.parse(payload)))
  })
  beforeEach(async () => {
    await database.sql`update edge_devices set revoked_at = ${NOW}`
    await database.sql`delete from miner_telemetry_live`
    slug = `d${serial++}`
    site = (await addSite(database, slug, { pollIntervalS: 60 })).id
    heard.length = 0
  })

  it("finds machines that missed three intervals, once", async () => {
    const { id: device } = await addDevice(database, site)
    const gone = await miner(device, { collectedAt: ago(191) })
    const late = await miner(device, { collectedAt: ago(189) })
    const before = await miner(device, { collectedAt: ago(900), offlineSince: ago(700) })
    const never = await miner(device, null)
    expect(await run()).toEqual({ miners: 1, collectors: 0 })
    expect(await statuses()).toEqual({
      [gone.id]: "offline",
      [late.id]: "online",
      [before.id]: "offline",
      [never.id]: "unknown",
    })
    expect(await events()).toMatchObject([
      {
        kind: "miner_offline",
        severity: "critical",
        at: NOW,
        miner: { id: gone.id },
        device: { id: device },
      },
    ])
    const [row] =
      await database.sql`select offline_since from miner_telemetry_live where miner_id = ${gone.id}`
    expect(row!.offline_since).toEqual(ago(191 - 180))
    expect(await run()).toEqual({ miners: 0, collectors: 0 })
    expect(await events()).toHaveLength(1)
    await database.sql`select pg_notify('lamproom_live', '{"kind":"end"}')`
    await expect.poll(() => heard.at(-1)).toEqual({ kind: "end" })
    expect(heard).toMatchObject([
      { kind: "miners", siteId: site, minerIds: [gone.id], change: "offline" },
      { kind: "end" },
    ])
  })

  it("calls the machines of a silent collector unknown, never offline", async () => {
    const { id: silent } = await addDevice(database, site, { name: "hall 2", lastSeenAt: ago(91) })
    const { id: alive } = await addDevice(database, site, { name: "hall 3", lastSeenAt: ago(89) })
    const dark = await miner(silent, { collectedAt: ago(3_600) })
    const lit = await miner(alive, { collectedAt: ago(20) })
    expect(await statuses()).toEqual({ [dark.id]: "unknown", [lit.id]: "online" })
    expect(await run()).toEqual({ miners: 0, collectors: 1 })
    expect(await statuses()).toEqual({ [dark.id]: "unknown", [lit.id]: "online" })
    expect(await events()).toMatchObject([
      { kind: "collector_silent", device: { id: silent, name: "hall 2" }, miner: null },
    ])
    const [device] = await database.sql`select silent_since from edge_devices where id = ${silent}`
    expect(device!.silent_since).toEqual(ago(91))
    expect(await run()).toEqual({ miners: 0, collectors: 0 })
  })

  it("gives a collector that is heard again three intervals to catch up", async () => {
    const { id: device } = await addDevice(database, site, { aliveSince: ago(30) })
    const machine = await miner(device, { collectedAt: ago(3_600) })
    expect(await run()).toEqual({ miners: 0, collectors: 0 })
    const later = new Date(NOW.getTime() + 165_000)
    await database.sql`update edge_devices set last_seen_at = ${later} where id = ${device}`
    expect(await run(later)).toEqual({ miners: 1, collectors: 0 })
    expect(machine.id).toBeGreaterThan(0)
  })

  it("learns from heartbeats since when a collector is heard without a gap", async () => {
    const instance = randomUUID()
    const { id: device } = await addDevice(database, site, { instanceId: instance, lastSeenAt: ago(500) })
    const beat = async (secondsAgo: number) => {
      const actor = { kind: "device" as const, deviceId: device, siteId: site, keyId: 1, name: "collector" }
      await recordHeartbeat(contextFor(database, actor, ago(secondsAgo)), {
        instance_id: instance,
        edge_version: "1.0.0",
        uptime_s: 1,
        edge_time: ago(secondsAgo).toISOString(),
        config_version: 1,
        miners_known: 1,
        miners_online: 1,
        spool: {
          batches: 0,
          samples: 0,
          bytes: 0,
          oldest_at: null,
          dropped_samples: 0,
          quarantined_samples: 0,
        },
        rss_bytes: 1,
        last_poll_cycle_ms: null,
        unacked_results: 0,
      })
      const [row] = await database.sql`select alive_since from edge_devices where id = ${device}`
      return row!.alive_since
    }
    expect(await beat(200)).toEqual(ago(200))
    expect(await beat(175)).toEqual(ago(200))
    expect(await beat(144)).toEqual(ago(144))
    expect(await beat(120)).toEqual(ago(144))
  })

  it("goes by the site's own interval", async () => {
    await database.sql`update hosting_sites set poll_interval_s = 10 where id = ${site}`
    const { id: device } = await addDevice(database, site)
    await miner(device, { collectedAt: ago(41) })
    await miner(device, { collectedAt: ago(39) })
    expect(await run()).toEqual({ miners: 1, collectors: 0 })
  })

  it("marks spare and retired machines without telling anybody, and leaves revoked collectors alone", async () => {
    const { id: device } = await addDevice(database, site)
    await addDevice(database, site, { lastSeenAt: ago(9_000), revokedAt: ago(8_000) })
    await miner(device, { collectedAt: ago(600) }, { state: "spare" })
    await miner(device, { collectedAt: ago(600) }, { state: "retired" })
    expect(await run()).toEqual({ miners: 2, collectors: 0 })
    expect(await events()).toEqual([])
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(["offline"]))
  })

  it("tells everything once when two workers run at the same time", async () => {
    const { id: device } = await addDevice(database, site)
    await addDevice(database, site, { lastSeenAt: ago(500) })
    for (let n = 0; n < 20; n++) await miner(device, { collectedAt: ago(600) })
    const runs = await Promise.all([run(), run(), run()])
    expect(runs.reduce((sum, one) => sum + one.miners, 0)).toBe(20)
    expect(runs.reduce((sum, one) => sum + one.collectors, 0)).toBe(1)
    expect(await events()).toHaveLength(21)
  })

  it("is for jobs and admins", async () => {
    await expect(detectOffline(contextFor(database, staffAt("operator", site)))).rejects.toMatchObject({
      code: "FORBIDDEN",
    })
  })
})

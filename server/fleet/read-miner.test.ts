import { randomUUID } from "node:crypto"
import { beforeAll, describe, expect, it } from "vitest"
import { schema } from "#db/client.ts"
import { useDatabase } from "#db/test/database.ts"
import {
  addDevice,
  addMinerRow,
  addOwnership,
  addSite,
  addUser,
  admin,
  ago,
  anonymous,
  auditor,
  clientActor,
  contextFor,
  NOW,
  staffAt,
} from "#db/test/fleet.ts"
import { COMMAND_FEATURES } from "#server/contract/commands.ts"
import { listEvents } from "./list-events.ts"
import { readMiner } from "./read-miner.ts"

describe("readMiner", () => {
  const database = useDatabase()
  const made = { site: 0, other: 0, miner: 0, handed: 0, ada: 0, bob: 0, tech: 0 }
  const read = (actor: Parameters<typeof contextFor>[1], minerId = made.miner) =>
    readMiner(contextFor(database, actor), { minerId })

  async function command(minerId: number, requestedAt: Date, requestedBy: number | null) {
    const id = randomUUID()
    await database.db.insert(schema.remoteCommands).values({
      siteId: made.site,
      id,
      requestId: randomUUID(),
      commandType: "REBOOT",
      parameters: { mode: "soft" },
      status: "SUCCEEDED",
      targetIds: [minerId],
      priority: 5,
      ttlMinutes: 30,
      requestedAt,
      requestedBy,
    })
    await database.db
      .insert(schema.remoteCommandResults)
      .values({ siteId: made.site, commandId: id, minerId, resultStatus: "SUCCEEDED", resultCode: 0 })
    return id
  }

  beforeAll(async () => {
    const site = await addSite(database, "hill", { clientCommandsAllowed: true, pollIntervalS: 60 })
    made.site = site.id
    made.other = (await addSite(database, "dale")).id
    const device = await addDevice(database, site.id)
    made.ada = (await addUser(database, { email: "ada@clients.test", name: "Ada" })).id
    made.bob = (await addUser(database, { email: "bob@clients.test", name: "Bob" })).id
    made.tech = (await addUser(database, { email: "tech@example.test", kind: "staff", name: "Tess" })).id
    made.miner = (
      await addMinerRow(
        database,
        site.id,
        { minerId: "M1", deviceId: device.id, model: "S19" },
        { hashrate5sGhs: 1e5, pools: [{ url: "stratum+tcp://p:1", active: true }], workerName: "ada.1" },
      )
    ).id
    made.handed = (
      await addMinerRow(
        database,
        site.id,
        { minerId: "M2", deviceId: device.id },
        { collectedAt: ago(3_600), offlineSince: ago(3_000), online: false, poolUrl: "stratum+tcp://bobs:1" },
      )
    ).id
    await addOwnership(database, {
      siteId: site.id,
      minerId: made.miner,
      userId: made.ada,
      fromAt: ago(7_200),
    })
    await addOwnership(database, {
      siteId: site.id,
      minerId: made.miner,
      userId: made.bob,
      fromAt: ago(90_000),
      toAt: ago(7_200),
    })
    await addOwnership(database, {
      siteId: site.id,
      minerId: made.handed,
      userId: made.ada,
      fromAt: ago(600),
    })
    await addOwnership(database, {
      siteId: site.id,
      minerId: made.handed,
      userId: made.bob,
      fromAt: ago(90_000),
      toAt: ago(600),
    })
    for (let n = 0; n < 12; n++)
      await command(made.miner, ago(n * 1_000), n === 0 ? made.ada : n === 1 ? made.tech : null)
    await database.db.insert(schema.fleetEvents).values([
      {
        siteId: site.id,
        minerId: made.miner,
        deviceId: device.id,
        kind: "hot",
        severity: "warning",
        message: "Hot.",
        at: ago(100),
      },
      {
        siteId: site.id,
        minerId: made.miner,
        kind: "board_lost",
        severity: "warning",
        message: "Lost.",
        at: ago(8_000),
      },
      {
        siteId: site.id,
        deviceId: device.id,
        kind: "edge_event",
        severity: "info",
        message: "Started.",
        at: ago(50),
      },
    ])
  })

  it("shows staff the machine, its sample, commands, events and what they can do", async () => {
    const page = await read(admin())
    expect(page).toMatchObject({
      status: "online",
      miner: { id: made.miner, minerId: "M1", model: "S19", device: { name: "collector" } },
      live: { hashrate5sGhs: 1e5, workerName: "ada.1", pools: [{ url: "stratum+tcp://p:1" }] },
      freshness: { collectedAt: ago(10), staleAfterMs: 120_000, stale: false },
      owner: { userId: made.ada, name: "Ada" },
      site: { slug: "hill", timezone: "UTC" },
      can: { edit: "all", request: [...COMMAND_FEATURES] },
    })
    expect(page.recentCommands).toHaveLength(10)
    expect(page.recentCommands[0]).toMatchObject({
      type: "REBOOT",
      resultStatus: "SUCCEEDED",
      requestedBy: { name: "Ada" },
      requestedAt: NOW,
    })
    expect(page.events.map((event) => event.kind)).toEqual(["hot", "board_lost"])
  })

  it("narrows by role", async () => {
    expect((await read(staffAt("operator", made.site))).can.edit).toBe("all")
    const technician = { ...staffAt("technician", made.site), userId: made.tech }
    const tess = await read(technician)
    expect(tess.can).toEqual({ edit: "place", request: ["REBOOT.soft", "REBOOT.hard", "LED"] })
    expect(tess.recentCommands.map((one) => one.requestedBy?.name)).toEqual(["Tess"])
    expect((await read(auditor())).can).toEqual({ edit: "none", request: [] })
    expect((await read(auditor())).recentCommands).toHaveLength(10)
  })

  it("shows a client his machine within his dates, and nobody else's name", async () => {
    const page = await read(clientActor(made.ada, made.site))
    expect(page.can).toEqual({ edit: "none", request: ["REBOOT.soft", "CHANGE_POOL", "LED"] })
    expect(page.recentCommands).toHaveLength(8)
    expect(page.recentCommands.map((one) => one.requestedBy?.name ?? null)).toEqual([
      "Ada",
      ...Array(7).fill(null),
    ])
    expect(page.events).toMatchObject([{ kind: "hot", device: null }])
    expect(
      (await listEvents(contextFor(database, clientActor(made.ada, made.site)), { hours: 24 })).rows,
    ).toHaveLength(1)
    expect((await listEvents(contextFor(database, admin()), { hours: 24 })).total).toBe(3)
    await database.sql`update hosting_sites set client_commands_allowed = false where id = ${made.site}`
    expect((await read(clientActor(made.ada, made.site))).can.request).toEqual([])
  })

  it("withholds from a new owner what was measured for the old one", async () => {
    const page = await read(clientActor(made.ada, made.site), made.handed)
    expect(page).toMatchObject({ status: "offline", live: null, freshness: { collectedAt: null } })
    expect(JSON.stringify(page)).not.toContain("bob")
    expect((await read(admin(), made.handed)).live).toMatchObject({ poolUrl: "stratum+tcp://bobs:1" })
    expect((await read(admin(), made.handed)).freshness.stale).toBe(true)
  })

  it("answers NOT_FOUND for what is foreign or unknown", async () => {
    await expect(read(clientActor(made.bob, made.site))).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(read(staffAt("site_manager", made.other))).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(read(admin(), 999_999)).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(read(anonymous)).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
    const foreign = listEvents(contextFor(database, staffAt("operator", made.other)), { siteId: made.site })
    await expect(foreign).rejects.toMatchObject({ code: "NOT_FOUND" })
  })
})

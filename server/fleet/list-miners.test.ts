import { beforeAll, describe, expect, it } from "vitest"
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
  clientActor,
  contextFor,
  staffAt,
} from "#db/test/fleet.ts"
import { listMiners } from "./list-miners.ts"
import { resolveMiners } from "./resolve-miners.ts"

describe("listMiners", () => {
  const database = useDatabase()
  const made = { north: 0, south: 0, ada: 0, bob: 0 }
  const names = async (actor: Parameters<typeof contextFor>[1], input: Parameters<typeof listMiners>[1]) =>
    (await listMiners(contextFor(database, actor), input)).rows.map((row) => row.name)

  beforeAll(async () => {
    const north = await addSite(database, "north")
    const south = await addSite(database, "south")
    const device = await addDevice(database, north.id)
    const silent = await addDevice(database, south.id, { lastSeenAt: ago(91) })
    const ada = await addUser(database, { email: "ada@clients.test", name: "Ada Byron" })
    const bob = await addUser(database, { email: "bob@clients.test", name: "Bob Nakamoto" })
    Object.assign(made, { north: north.id, south: south.id, ada: ada.id, bob: bob.id })
    const on = { deviceId: device.id }
    const m1 = await addMinerRow(
      database,
      north.id,
      {
        ...on,
        minerId: "SN-0001",
        label: "A1",
        make: "Bitmain",
        model: "S19 Pro",
        place: "C3 shelf 1",
        tags: ["old"],
        mac: "aa:bb:cc:00:11:22",
        ipAddress: "10.0.0.1",
      },
      {
        hashrateGhs: 90_000,
        hashrate5sGhs: 100_000,
        hashrateExpectedGhs: 110_000,
        powerConsumption: 3_000,
        temperatureMax: 90,
        workerName: "farm.rig_01",
        uptimeSeconds: 60,
        overallHealth: "warning",
        boardsHealthy: 2,
        boardsTotal: 3,
      },
    )
    await addMinerRow(
      database,
      north.id,
      { ...on, minerId: "SN-0002", label: "A2", make: "Bitmain", model: "S21", place: "C3 shelf 2" },
      {
        hashrateGhs: 200_000,
        mining: false,
        hashrate5sGhs: 0,
        temperatureMax: 30,
        workerName: "farm.rigX01",
        overallHealth: "healthy",
      },
    )
    const m3 = await addMinerRow(
      database,
      north.id,
      { ...on, minerId: "SN-0003", label: "A3", make: "MicroBT", model: "M50" },
      { online: false, offlineSince: ago(300), collectedAt: ago(400), hashrate5sGhs: 50_000 },
    )
    await addMinerRow(
      database,
      north.id,
      { ...on, minerId: "SN-0004", label: "A4" },
      { collectedAt: ago(150), hashrate5sGhs: 70_000, overallHealth: "healthy" },
    )
    await addMinerRow(database, north.id, { ...on, minerId: "SN-0005", label: "A5", state: "spare" })
    await addMinerRow(database, north.id, { ...on, minerId: "SN-0006", label: "A6", state: "retired" })
    await addMinerRow(database, north.id, { minerId: "SN-0007", label: "100%_sure" }, null)
    await addMinerRow(
      database,
      south.id,
      { deviceId: silent.id, minerId: "SN-0001", label: "B1" },
      { hashrate5sGhs: 80_000 },
    )
    await addOwnership(database, { siteId: north.id, minerId: m1.id, userId: ada.id })
    await addOwnership(database, { siteId: north.id, minerId: m3.id, userId: bob.id, fromAt: ago(350) })
    await addOwnership(database, { siteId: north.id, minerId: m3.id, userId: ada.id, toAt: ago(350) })
  })

  it("shows active and spare machines, by name, page by page", async () => {
    const all = ["100%_sure", "A1", "A2", "A3", "A4", "A5", "B1"]
    expect(await names(admin(), {})).toEqual(all)
    const pages = await Promise.all([1, 2, 3, 4].map((page) => names(admin(), { page, pageSize: 3 })))
    expect(pages).toEqual([all.slice(0, 3), all.slice(3, 6), all.slice(6), []])
    expect(await names(admin(), { dir: "desc", pageSize: 2 })).toEqual(["B1", "A5"])
    expect(await names(admin(), { status: "all" })).toContain("A6")
    expect((await listMiners(contextFor(database, admin()), { pageSize: 1 })).total).toBe(7)
  })

  it("tells the condition of each machine", async () => {
    const page = await listMiners(contextFor(database, admin()), {})
    const by = Object.fromEntries(page.rows.map((row) => [row.name, row]))
    expect(by.A1).toMatchObject({
      status: "online",
      hot: true,
      sleeping: false,
      stale: false,
      health: "warning",
      hashrateGhs: 100_000,
      efficiencyJTh: 30,
      owner: { userId: made.ada, name: "Ada Byron" },
      boardsHealthy: 2,
      boardsTotal: 3,
      siteSlug: "north",
      tags: ["old"],
      collectedAt: ago(10),
    })
    expect(by.A1!.shareOfExpected).toBeCloseTo(100 / 110)
    expect(by.A2).toMatchObject({
      status: "online",
      hot: false,
      sleeping: true,
      hashrateGhs: 0,
      efficiencyJTh: null,
      owner: null,
    })
    expect(by.A3).toMatchObject({
      status: "offline",
      health: "offline",
      hashrateGhs: null,
      hot: false,
      offlineSince: ago(300),
    })
    expect(by.A4).toMatchObject({ status: "online", stale: true, hashrateGhs: 70_000 })
    expect(by.B1).toMatchObject({ status: "unknown", health: null, hashrateGhs: null, stale: false })
    expect(by["100%_sure"]).toMatchObject({ status: "unknown", collectedAt: null, workerName: null })
  })

  it.each([
    [{ status: "online" }, ["A1", "A2", "A4"]],
    [{ status: "offline" }, ["A3"]],
    [{ status: "unknown" }, ["100%_sure", "B1"]],
    [{ status: "hot" }, ["A1"]],
    [{ status: "sleeping" }, ["A2"]],
    [{ status: "unhealthy" }, ["A1"]],
    [{ status: "stale" }, ["A4"]],
    [{ status: "spare" }, ["A5"]],
    [{ status: "retired" }, ["A6"]],
    [{ siteSlug: "south" }, ["B1"]],
    [{ model: "S21" }, ["A2"]],
    [{ make: "none", status: "online" }, ["A4"]],
    [{ place: "C3 shelf 1" }, ["A1"]],
    [{ tag: " OLD " }, ["A1"]],
    [{ owner: "none", status: "online" }, ["A2", "A4"]],
    [{ health: "offline" }, ["A3"]],
    [{ q: "ada" }, ["A1"]],
    [{ q: "NAKAMOTO" }, ["A3"]],
    [{ q: "bob@clients" }, ["A3"]],
    [{ q: "bitmain c3" }, ["A1", "A2"]],
    [{ q: "bitmain byron" }, ["A1"]],
    [{ q: "rig_01" }, ["A1"]],
    [{ q: "0%" }, ["100%_sure"]],
    [{ q: "\\" }, []],
    [{ q: "AABBCC001122" }, ["A1"]],
    [{ q: "aa-bb-cc-00-11-22" }, ["A1"]],
    [{ q: "sn-0001", siteSlug: "north" }, ["A1"]],
    [{ q: "10.0.0.1 s19" }, ["A1"]],
  ] as const)("finds by %j", async (filter, expected) => {
    expect(await names(admin(), { ...filter })).toEqual(expected)
    const page = await listMiners(contextFor(database, admin()), { ...filter, pageSize: 1 })
    expect(page.total).toBe(expected.length)
    expect((await resolveMiners(contextFor(database, admin()), { filter })).minerIds).toHaveLength(
      expected.length,
    )
  })

  it("sorts by every column with unknown values last in both directions", async () => {
    expect(await names(admin(), { sort: "hashrate", dir: "desc" })).toEqual([
      "A1",
      "A4",
      "A2",
      "100%_sure",
      "A3",
      "A5",
      "B1",
    ])
    expect(await names(admin(), { sort: "hashrate" })).toEqual([
      "A2",
      "A4",
      "A1",
      "100%_sure",
      "A3",
      "A5",
      "B1",
    ])
    expect((await names(admin(), { sort: "status" })).slice(0, 4)).toEqual(["A3", "100%_sure", "B1", "A1"])
    expect((await names(admin(), { sort: "owner", dir: "desc" })).slice(0, 2)).toEqual(["A3", "A1"])
    for (const sort of [
      "share",
      "temp",
      "power",
      "efficiency",
      "uptime",
      "place",
      "model",
      "site",
      "lastSeen",
    ] as const)
      expect(await names(admin(), { sort, dir: "desc" })).toHaveLength(7)
  })

  it("offers what can be filtered by, with counts of the list", async () => {
    const { facets } = await listMiners(contextFor(database, admin()), { facets: true, siteSlug: "north" })
    expect(facets).toEqual({
      makes: [
        { value: "Bitmain", miners: 2 },
        { value: "MicroBT", miners: 1 },
      ],
      models: [
        { value: "M50", miners: 1 },
        { value: "S19 Pro", miners: 1 },
        { value: "S21", miners: 1 },
      ],
      places: [
        { value: "C3 shelf 1", miners: 1 },
        { value: "C3 shelf 2", miners: 1 },
      ],
      tags: [{ value: "old", miners: 1 }],
    })
  })

  it("shows a client his machines of today, and only what was measured since they are his", async () => {
    expect(await names(clientActor(made.ada, made.north), {})).toEqual(["A1"])
    const bobs = await listMiners(contextFor(database, clientActor(made.bob, made.north)), { q: "sn" })
    expect(bobs.rows).toMatchObject([
      { name: "A3", status: "offline", collectedAt: null, owner: { userId: made.bob } },
    ])
    expect(bobs.total).toBe(1)
    expect(await names(clientActor(made.bob, made.north), { q: "ada" })).toEqual([])
    expect(await names(clientActor(made.bob, made.north), { owner: made.ada })).toEqual([])
    const page = await listMiners(contextFor(database, clientActor(made.bob, made.north)), { facets: true })
    expect(page.facets?.models).toEqual([{ value: "M50", miners: 1 }])
  })

  it("keeps staff to their sites", async () => {
    expect(await names(staffAt("operator", made.south), {})).toEqual(["B1"])
    expect(await names(staffAt("technician", made.south), { q: "sn-0001" })).toEqual(["B1"])
    const foreign = listMiners(contextFor(database, staffAt("operator", made.south)), { siteSlug: "north" })
    await expect(foreign).rejects.toMatchObject({ code: "NOT_FOUND" })
    const byId = listMiners(contextFor(database, clientActor(made.ada, made.north)), { siteId: made.south })
    await expect(byId).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(listMiners(contextFor(database, anonymous), {})).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    })
    await expect(listMiners(contextFor(database, admin()), { pageSize: 501 })).rejects.toMatchObject({
      code: "INVALID",
    })
  })
})

import { beforeAll, beforeEach, describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import {
  addMinerRow,
  addOwnership,
  addSite,
  addUser,
  admin,
  anonymous,
  auditor,
  clientActor,
  contextFor,
  staffAt,
} from "#db/test/fleet.ts"
import { addMiner } from "./add-miner.ts"
import { listEvents } from "./list-events.ts"
import { readMiner } from "./read-miner.ts"
import { resolveMiners } from "./resolve-miners.ts"
import { updateMiner } from "./update-miner.ts"
import { updateMiners } from "./update-miners.ts"

describe("edits of machines", () => {
  const database = useDatabase()
  let north = 0
  let south = 0
  let client = 0
  let serial = 0
  const heard: Record<string, unknown>[] = []
  const as = (actor: Parameters<typeof contextFor>[1]) => contextFor(database, actor)
  const miner = async (siteId: number, part: Partial<Parameters<typeof addMinerRow>[2]> = {}) =>
    (await addMinerRow(database, siteId, { minerId: `SN-${serial++}`, ...part })).id
  const audits = (action: string, siteId: number) =>
    database.sql`select user_id, site_id, subject_type, subject_id, before, after, details from audit_log where action = ${action} and site_id = ${siteId} order by id`
  const read = async (minerId: number) => (await readMiner(as(admin()), { minerId })).miner
  const settled = async () => {
    await database.sql`select pg_notify('lamproom_live', '{"kind":"end"}')`
    await expect.poll(() => heard.at(-1)).toEqual({ kind: "end" })
    // What an earlier test told may be heard only now: its sites are others.
    return heard.filter(({ siteId }) => siteId === north || siteId === south)
  }

  beforeAll(async () => {
    await database.sql.listen("lamproom_live", (payload) => heard.push(JSON.parse(payload)))
    client = (await addUser(database, { email: "c@clients.test" })).id
  })
  beforeEach(async () => {
    const name = `s${serial++}`
    north = (await addSite(database, `north-${name}`)).id
    south = (await addSite(database, `south-${name}`)).id
    heard.length = 0
  })

  it("adds a machine, tells it and keeps a trace", async () => {
    const actor = staffAt("operator", north)
    const { id } = await addMiner(as(actor), {
      siteId: north,
      minerId: " AB-1 ",
      ipAddress: "10.0.0.9",
      label: " Rack  1 ",
      place: "",
      tags: ["Hot Aisle", "new", "NEW "],
    })
    expect(await read(id)).toMatchObject({
      minerId: "AB-1",
      label: "Rack 1",
      place: null,
      tags: ["hot aisle", "new"],
      status: "unknown",
      state: "active",
    })
    expect(await audits("miner.add", north)).toMatchObject([
      {
        user_id: actor.userId,
        subject_id: String(id),
        after: { minerId: "AB-1", label: "Rack 1", ipAddress: "10.0.0.9" },
      },
    ])
    expect(await settled()).toMatchObject([
      { kind: "miners", siteId: north, minerIds: [id], change: "added" },
    ])
    const events = await listEvents(as(actor), { siteId: north })
    expect(events).toMatchObject({ total: 1, rows: [{ kind: "miner_added", miner: { id, name: "Rack 1" } }] })
  })

  it("refuses to add what the site has, bad input, and whoever may not", async () => {
    await miner(north, { minerId: "taken", state: "retired" })
    const add = (actor: Parameters<typeof contextFor>[1], part = {}) =>
      addMiner(as(actor), { siteId: north, minerId: "TAKEN", ...part })
    await expect(add(admin())).rejects.toMatchObject({ code: "CONFLICT" })
    await expect(add(admin(), { siteId: south })).resolves.toBeTruthy()
    await expect(add(admin(), { minerId: "a\u0000b" })).rejects.toMatchObject({ code: "INVALID" })
    await expect(add(admin(), { ipAddress: "10.0.0" })).rejects.toMatchObject({ code: "INVALID" })
    await expect(add(admin(), { tags: Array.from({ length: 21 }, (_, n) => `t${n}`) })).rejects.toMatchObject(
      { code: "INVALID" },
    )
    await expect(add(admin(), { siteId: 999_999 })).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(add(staffAt("operator", south))).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(add(staffAt("technician", north))).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(add(auditor())).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(add(clientActor(client, north))).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(add(anonymous)).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
    expect(await audits("miner.add", north)).toEqual([])
  })

  it("changes only what is given and audits only what changed", async () => {
    const id = await miner(north, { label: "old", place: "C1", tags: ["a"], notes: "note" })
    const actor = staffAt("site_manager", north)
    expect(
      await updateMiner(as(actor), { minerId: id, label: "new", place: "C1", state: "retired" }),
    ).toEqual({ changed: true })
    expect(await read(id)).toMatchObject({
      label: "new",
      place: "C1",
      tags: ["a"],
      notes: "note",
      state: "retired",
    })
    expect(await audits("miner.update", north)).toMatchObject([
      {
        user_id: actor.userId,
        subject_type: "miner",
        subject_id: String(id),
        before: { label: "old", state: "active" },
        after: { label: "new", state: "retired" },
      },
    ])
    expect((await audits("miner.update", north))[0]!.after).toEqual({ label: "new", state: "retired" })
    expect(await settled()).toMatchObject([
      { kind: "miners", siteId: north, minerIds: [id], change: "edited" },
    ])
    expect(await updateMiner(as(actor), { minerId: id, label: " new " })).toEqual({ changed: false })
    expect(await audits("miner.update", north)).toHaveLength(1)
    await updateMiner(as(actor), { minerId: id, state: "active", label: "" })
    expect(await read(id)).toMatchObject({ label: null, name: (await read(id)).minerId, state: "active" })
  })

  it("lets a technician change the place and nothing else", async () => {
    const id = await miner(north)
    const technician = staffAt("technician", north)
    expect(await updateMiner(as(technician), { minerId: id, place: "C9 shelf 3" })).toEqual({ changed: true })
    for (const part of [
      { label: "x" },
      { tags: ["x"] },
      { state: "retired" as const },
      { notes: "x" },
      { place: "y", label: "x" },
    ])
      await expect(updateMiner(as(technician), { minerId: id, ...part })).rejects.toMatchObject({
        code: "FORBIDDEN",
      })
    expect(await updateMiners(as(technician), { minerIds: [id], place: "C2" })).toEqual({ changed: 1 })
    await expect(updateMiners(as(technician), { minerIds: [id], addTags: ["x"] })).rejects.toMatchObject({
      code: "FORBIDDEN",
    })
    expect(await read(id)).toMatchObject({ place: "C2", label: null, tags: [], state: "active" })
  })

  it("hides foreign machines and refuses clients, auditors and strangers", async () => {
    const id = await miner(north)
    const owned = await miner(north)
    await addOwnership(database, { siteId: north, minerId: owned, userId: client })
    const edit = (actor: Parameters<typeof contextFor>[1], minerId: number) =>
      updateMiner(as(actor), { minerId, place: "x" })
    await expect(edit(staffAt("operator", south), id)).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(edit(clientActor(client, north), id)).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(edit(clientActor(client, north), owned)).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(edit(auditor(), id)).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(edit(anonymous, id)).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
    const many = (actor: Parameters<typeof contextFor>[1], minerIds: number[]) =>
      updateMiners(as(actor), { minerIds, place: "x" })
    await expect(many(clientActor(client, north), [owned])).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(many(clientActor(client, north), [owned, id])).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(many(auditor(), [id])).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(many(anonymous, [id])).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
    expect(await audits("miner.update", north)).toEqual([])
    expect((await read(id)).place).toBeNull()
  })

  it("edits many at once, all or nothing, and counts what changed", async () => {
    const ids = [
      await miner(north, { tags: ["b", "a"] }),
      await miner(north, { tags: ["new"], place: "C1" }),
      await miner(south),
    ]
    const far = await miner(north)
    const actor = admin()
    const change = { place: "C1", addTags: [" New ", "new"], removeTags: ["b"] }
    expect(await updateMiners(as(actor), { minerIds: [...ids, ids[0]!], ...change })).toEqual({ changed: 2 })
    expect(await read(ids[0]!)).toMatchObject({ place: "C1", tags: ["a", "new"] })
    expect(await read(ids[2]!)).toMatchObject({ place: "C1", tags: ["new"] })
    expect((await read(far)).place).toBeNull()
    expect(await audits("miner.update-many", north)).toMatchObject([
      {
        user_id: actor.userId,
        after: { place: "C1", addTags: ["new"], removeTags: ["b"] },
        details: { selected: 2, changed: 1, fields: ["place", "addTags", "removeTags"], minerIds: [ids[0]] },
      },
    ])
    expect(await audits("miner.update-many", south)).toHaveLength(1)
    expect((await settled()).map((event) => event.minerIds)).toEqual([[ids[0]], [ids[2]]])
    expect(await updateMiners(as(actor), { minerIds: ids, ...change })).toEqual({ changed: 0 })

    const onlyNorth = staffAt("operator", north)
    await expect(updateMiners(as(onlyNorth), { minerIds: ids, place: "C5" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    const mixed = {
      ...onlyNorth,
      memberships: new Map([
        [north, "operator" as const],
        [south, "auditor" as const],
      ]),
    }
    await expect(updateMiners(as(mixed), { minerIds: ids, place: "C5" })).rejects.toMatchObject({
      code: "FORBIDDEN",
    })
    const tooMany = { minerIds: ids, addTags: Array.from({ length: 20 }, (_, n) => `t${n}`) }
    await expect(updateMiners(as(actor), tooMany)).rejects.toMatchObject({ code: "INVALID" })
    expect(await read(ids[0]!)).toMatchObject({ place: "C1", tags: ["a", "new"] })
  })

  it("edits what a filter finds", async () => {
    await miner(north, { model: "S19" })
    await miner(north, { model: "S19", state: "retired" })
    await miner(north, { model: "S21" })
    await miner(south, { model: "S19" })
    const operator = as(staffAt("operator", north))
    expect(await updateMiners(operator, { filter: { model: "S19" }, state: "spare" })).toEqual({ changed: 1 })
    expect((await resolveMiners(operator, { filter: { status: "spare" } })).minerIds).toHaveLength(1)
    await expect(updateMiners(operator, { filter: {}, minerIds: [1], place: "x" })).rejects.toMatchObject({
      code: "INVALID",
    })
    await expect(updateMiners(operator, { place: "x" })).rejects.toMatchObject({ code: "INVALID" })
    await expect(updateMiners(operator, { filter: { siteId: south }, place: "x" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
  })

  it("refuses a selection of more than 10,000", async () => {
    await database.sql`insert into hosting_miners (site_id, miner_id) select ${north}, 'many-' || n from generate_series(1, 10001) n`
    const operator = as(staffAt("operator", north))
    await expect(resolveMiners(operator, { filter: {} })).rejects.toMatchObject({ code: "INVALID" })
    expect((await resolveMiners(operator, { filter: { q: "many-1000" } })).minerIds).toHaveLength(3)
  })
})

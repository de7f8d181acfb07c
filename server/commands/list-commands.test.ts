import { describe, expect, it } from "vitest"
import { commandStats } from "./command-stats.ts"
import { listCommands } from "./list-commands.ts"
import { useFarm } from "./test/farm.ts"
import { pastCommands } from "./test/history.ts"

const HOUR = 3_600_000
const done = (minerId: number) => ({ minerId })
const failed = (minerId: number) => ({ minerId, status: "FAILED", code: 1 }) as const
const unknown = (minerId: number) => ({ minerId, status: "FAILED", code: 5 }) as const
const open = (minerId: number) => ({ minerId, status: "PENDING", code: null }) as const
const running = (minerId: number) => ({ minerId, status: "RUNNING", code: null }) as const
const skipped = (minerId: number) => ({ minerId, status: "SKIPPED", code: 2 }) as const

describe("the history of commands", () => {
  const farm = useFarm()
  const { put } = pastCommands(farm)
  const ago = (hours: number) => new Date(farm.clock.now.getTime() - hours * HOUR)

  async function history() {
    const { siteId, minerIds } = await farm.makeSite()
    const [a, b, c, d] = minerIds as [number, number, number, number]
    const admin = await farm.makeUser("admin", siteId)
    const operator = await farm.makeUser("operator", siteId)
    const ids = {
      reboot: await put({
        siteId,
        targets: [done(a), failed(b), unknown(c), skipped(d)],
        status: "FAILED",
        requestedBy: operator.userId,
        requestedAt: ago(1),
        note: "After the Filters",
      }),
      pool: await put({
        siteId,
        targets: [running(a), open(b)],
        type: "CHANGE_POOL",
        parameters: { pools: [{ url: "stratum+tcp://deep.example.com:3333", worker_name: "farm.{worker}" }] },
        status: "RUNNING",
        source: "api",
        requestedBy: admin.userId,
        requestedAt: ago(2),
        more: { halted_at: farm.clock.now },
      }),
      led: await put({
        siteId,
        targets: [done(c)],
        type: "LED",
        parameters: { state: "on" },
        requestedAt: ago(30),
      }),
      waiting: await put({ siteId, targets: [open(d)], status: "PENDING_APPROVAL", requestedAt: ago(3) }),
    }
    const find = async (input: Parameters<typeof listCommands>[1], actor = admin) =>
      (await listCommands(farm.as(actor), { siteId, ...input })).rows.map((row) => row.id)
    return { siteId, minerIds: [a, b, c, d] as const, admin, operator, ids, find }
  }

  it("D10 D12 A15 is narrowed by status, type, source, machine, person and date, newest first", async () => {
    const { ids, find, minerIds, operator, admin } = await history()
    expect(await find({})).toEqual([ids.reboot, ids.pool, ids.waiting, ids.led])
    expect(await find({ status: "open" })).toEqual([ids.pool, ids.waiting])
    expect(await find({ status: "halted" })).toEqual([ids.pool])
    expect(await find({ status: "FAILED" })).toEqual([ids.reboot])
    expect(await find({ status: "unsuccessful" })).toEqual([ids.reboot])
    expect(await find({ type: "LED" })).toEqual([ids.led])
    expect(await find({ source: "api" })).toEqual([ids.pool])
    expect(await find({ minerId: minerIds[1] })).toEqual([ids.reboot, ids.pool])
    expect(await find({ requestedBy: operator.userId })).toEqual([ids.reboot])
    expect(await find({ from: ago(2), to: ago(1) })).toEqual([ids.pool])
    expect(await find({ type: "REBOOT", status: "open", requestedBy: admin.userId })).toEqual([])
  })

  it("is searched by note, parameters, person and a machine's whole name", async () => {
    const { ids, find, minerIds, operator, siteId } = await history()
    const { sql } = farm.database
    await sql`update hosting_miners set label = 'Rack 7' where id = ${minerIds[2]}`
    await sql`update user_access set name = 'Olga 100%_sure' where id = ${operator.userId}`
    expect(await find({ q: "after the filters" })).toEqual([ids.reboot])
    expect(await find({ q: "deep.example.com" })).toEqual([ids.pool])
    expect(await find({ q: "olga" })).toEqual([ids.reboot])
    expect(await find({ q: "100%_SURE" })).toEqual([ids.reboot])
    expect(await find({ q: "%" })).toEqual([ids.reboot])
    expect(await find({ q: "rack 7" })).toEqual([ids.reboot, ids.led])
    expect(await find({ q: "rack" })).toEqual([])
    expect(await find({ q: ids.led })).toEqual([ids.led])
    expect(await find({ q: " \0 " })).toHaveLength(4)
    expect((await listCommands(farm.as(operator), { siteId, q: "olga" })).total).toBe(1)
  })

  it("A19 A28 tells how the targets stand, and the counts add up", async () => {
    const { admin, siteId, ids, minerIds } = await history()
    const { rows } = await listCommands(farm.as(admin), { siteId })
    const of = (id: string) => rows.find((row) => row.id === id)
    const none = { succeeded: 0, failed: 0, unknown: 0, skipped: 0, open: 0, running: 0 }
    expect(of(ids.reboot)).toMatchObject({
      ...none,
      targets: 4,
      succeeded: 1,
      failed: 1,
      unknown: 1,
      skipped: 1,
    })
    expect(of(ids.pool)).toMatchObject({ ...none, targets: 2, open: 2, running: 1, minerId: null })
    expect(of(ids.led)).toMatchObject({ ...none, targets: 1, succeeded: 1, minerId: minerIds[2] })
    expect(of(ids.led)?.minerLabel).toMatch(/^s-/)
  })

  it("comes in pages with a total that stops at ten thousand", async () => {
    const { siteId, minerIds } = await farm.makeSite()
    const admin = await farm.makeUser("admin", siteId)
    const { sql } = farm.database
    await sql`insert into remote_commands (site_id, id, request_id, command_type, parameters, status, target_ids, priority,
        ttl_minutes, requested_at)
      select ${siteId}, gen_random_uuid(), gen_random_uuid(), 'LED', '{"state":"on"}', 'SUCCEEDED', array[${minerIds[0]!}::int], 5,
        30, ${ago(1)}::timestamptz - n * interval '1 second' from generate_series(1, 10002) n`
    const list = (input: Parameters<typeof listCommands>[1]) =>
      listCommands(farm.as(admin), { siteId, ...input })
    const first = await list({ pageSize: 20 })
    expect(first).toMatchObject({ total: 10_000, more: true, page: 1, pageSize: 20 })
    const second = await list({ page: 2, pageSize: 20 })
    expect(second.rows).toHaveLength(20)
    expect(second.rows[0]!.requestedAt.getTime()).toBe(first.rows[19]!.requestedAt.getTime() - 1_000)
    expect((await list({ page: 600, pageSize: 20 })).rows).toEqual([])
    expect(await list({ to: new Date(ago(1).getTime() - 9_999_000) })).toMatchObject({
      total: 3,
      more: false,
    })
  })

  it("is not for strangers, and refuses a foreign site", async () => {
    const { siteId } = await history()
    const stranger = await farm.makeUser("site_manager", (await farm.makeSite()).siteId)
    expect((await listCommands(farm.as(stranger), {})).total).toBe(0)
    await expect(listCommands(farm.as(stranger), { siteId })).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(commandStats(farm.as(stranger), { siteId })).rejects.toMatchObject({ code: "NOT_FOUND" })
    for (const verb of [listCommands, commandStats])
      await expect(verb(farm.as({ kind: "anonymous" }), {})).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
      })
  })

  it("shows a technician what he asked for himself", async () => {
    const { siteId, minerIds } = await history()
    const technician = await farm.makeUser("technician", siteId)
    const own = await put({ siteId, targets: [done(minerIds[0])], requestedBy: technician.userId })
    expect((await listCommands(farm.as(technician), {})).rows.map((row) => row.id)).toEqual([own])
    expect(await commandStats(farm.as(technician))).toMatchObject({ total: 1, successful: 1 })
  })

  it("decision 13: a client sees his own targets and counts of a mixed command, and no person but himself", async () => {
    const { siteId, minerIds, operator, ids } = await history()
    const client = await farm.makeUser("client", siteId, [minerIds[1], minerIds[2]])
    const own = await put({
      siteId,
      targets: [done(minerIds[1])],
      requestedBy: client.userId,
      note: "mine",
      requestedAt: ago(0.5),
    })
    const list = (input: Parameters<typeof listCommands>[1] = {}) => listCommands(farm.as(client), input)
    const { rows, total } = await list()
    expect(rows.map((row) => row.id)).toEqual([own, ids.reboot, ids.pool, ids.led])
    expect(total).toBe(4)
    expect(rows[1]).toMatchObject({
      targets: 2,
      succeeded: 0,
      failed: 1,
      unknown: 1,
      skipped: 0,
      open: 0,
      outcome: null,
    })
    expect(rows[1]).toMatchObject({
      requestedBy: null,
      requestedByName: null,
      note: null,
      waves: 0,
      releasedWave: 0,
    })
    expect(rows[2]).toMatchObject({ targets: 1, open: 1, running: 0, minerId: minerIds[1] })
    expect(rows[0]).toMatchObject({ requestedBy: client.userId, requestedByName: "client", note: "mine" })
    const find = async (input: Parameters<typeof listCommands>[1]) =>
      (await list(input)).rows.map((row) => row.id)
    expect(await find({ requestedBy: operator.userId })).toEqual([])
    expect(await find({ requestedBy: client.userId })).toEqual([own])
    expect(await find({ q: "filters" })).toEqual([])
    expect(await find({ q: "operator" })).toEqual([])
    expect(await find({ q: "mine" })).toEqual([own])
    expect(await find({ minerId: minerIds[0] })).toEqual([])
    expect(await find({ minerId: minerIds[2] })).toEqual([ids.reboot, ids.led])
    expect(await find({ status: "halted", type: "CHANGE_POOL", from: ago(2) })).toEqual([ids.pool])
    expect(await commandStats(farm.as(client))).toMatchObject({
      total: 3,
      targets: 4,
      targetsSucceeded: 1,
      targetsFailed: 2,
    })
  })

  it("decision 13: follows the dates of ownership, also when they are corrected later", async () => {
    const { siteId, minerIds, ids } = await history()
    const { sql } = farm.database
    const client = await farm.makeUser("client", siteId, [minerIds[3]])
    const seen = async () =>
      (await listCommands(farm.as(client), {})).rows.map((row) => [row.id, row.targets])
    expect(await seen()).toEqual([
      [ids.reboot, 1],
      [ids.waiting, 1],
    ])
    const own = async (minerId: number, from: Date, to: Date | null) => {
      await sql`insert into user_miners (site_id, miner_id, user_id, from_at, to_at)
        values (${siteId}, ${minerId}, ${client.userId}, ${from}, ${to})`
    }
    await own(minerIds[0], farm.clock.now, null)
    expect(await seen()).toHaveLength(2)
    await own(minerIds[1], ago(1.5), null)
    expect(await seen()).toEqual([
      [ids.reboot, 2],
      [ids.waiting, 1],
    ])
    await sql`update user_miners set from_at = ${ago(2)} where miner_id = ${minerIds[1]} and user_id = ${client.userId}`
    expect(await seen()).toEqual([
      [ids.reboot, 2],
      [ids.pool, 1],
      [ids.waiting, 1],
    ])
    await sql`update user_miners set to_at = ${ago(1.5)} where miner_id = ${minerIds[3]} and user_id = ${client.userId}`
    expect(await seen()).toEqual([
      [ids.reboot, 1],
      [ids.pool, 1],
      [ids.waiting, 1],
    ])
    await sql`delete from user_miners where miner_id = ${minerIds[1]} and user_id = ${client.userId}`
    expect(await seen()).toEqual([[ids.waiting, 1]])
  })

  it("counts a client's targets as they go on", async () => {
    const { siteId, minerIds } = await farm.makeSite()
    const { sql } = farm.database
    const client = await farm.makeUser("client", siteId, [minerIds[0]!, minerIds[1]!])
    const id = await put({ siteId, targets: minerIds.map(open), status: "RUNNING" })
    const counts = async () => (await listCommands(farm.as(client), {})).rows[0]
    expect(await counts()).toMatchObject({ targets: 2, open: 2, running: 0 })
    await sql`update remote_command_results set result_status = 'RUNNING' where command_id = ${id}`
    expect(await counts()).toMatchObject({ targets: 2, open: 2, running: 2 })
    await sql`update remote_command_results set result_status = 'FAILED', result_code = case when miner_id = ${minerIds[0]!} then 5 else 1 end
      where command_id = ${id}`
    expect(await counts()).toMatchObject({ targets: 2, open: 0, running: 0, failed: 1, unknown: 1 })
    await sql`update remote_command_results set result_message = 'late' where command_id = ${id}`
    expect(await counts()).toMatchObject({ targets: 2, failed: 1, unknown: 1, succeeded: 0 })
  })

  it("D11 has statistics of the last 24 hours by type, over the same filters", async () => {
    const { siteId, admin, minerIds, ids } = await history()
    const stats = await commandStats(farm.as(admin), { siteId })
    expect(stats).toMatchObject({ period: "last_24_hours", total: 3, successful: 0, failed: 1, pending: 2 })
    expect(stats).toMatchObject({ targets: 7, targetsSucceeded: 1, targetsFailed: 2 })
    expect(stats.byType.map(({ type, total, failed, pending }) => [type, total, failed, pending])).toEqual([
      ["REBOOT", 2, 1, 1],
      ["CHANGE_POOL", 1, 0, 1],
    ])
    expect(await commandStats(farm.as(admin), { siteId, status: "halted" })).toMatchObject({ total: 1 })
    expect(await commandStats(farm.as(admin), { siteId, minerId: minerIds[3] })).toMatchObject({ total: 2 })
    await put({ siteId, targets: [skipped(minerIds[0])], status: "CANCELLED" })
    await put({ siteId, targets: [skipped(minerIds[0])], status: "EXPIRED" })
    const later = await commandStats(farm.as(admin), { siteId })
    expect(later).toMatchObject({ total: 5, successful: 0, failed: 2, pending: 2 })
    expect(ids.led).toBeTruthy()
    expect(await commandStats(farm.as(admin), { siteId, type: "LED" })).toMatchObject({
      total: 0,
      byType: [],
    })
  })
})

import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { DeviceActor } from "../access/actor.ts"
import type { LeasedCommand } from "../contract/edge.ts"
import { leaseCommands } from "./lease-commands.ts"
import { pruneEdgeCommands } from "./prune-edge-commands.ts"
import { renewLeases } from "./renew-leases.ts"
import { WORKER } from "./test/farm.ts"
import { LED, MINUTE, POOL, usePlane } from "./test/plane.ts"

describe("from the request to the result", () => {
  const plane = usePlane()
  const { farm, setUp, request, dispatch, start, lease, answer, record, standing, results, auditOf } = plane

  it("A20 A27 A28 B03 B06 B07 E12 goes from request to result, each move audited", async () => {
    const { admin, device, minerIds } = await setUp()
    const told: { kind: string; commandId?: string; minerIds?: number[] }[] = []
    const live = await farm.database.sql.listen("lamproom_live", (event) => void told.push(JSON.parse(event)))
    const command = await request(admin, minerIds.slice(0, 2))
    expect(command.status).toBe("QUEUED")
    const jobs = await farm.database.sql`select data from pgboss.job where name = 'command.dispatch'
      and data->>'commandId' = ${command.id}`
    expect(jobs).toHaveLength(1)
    expect(await dispatch(command)).toEqual({ queued: 2, skipped: 0 })
    expect(await dispatch(command)).toMatchObject({ queued: 0 })
    expect((await results(command)).map((row) => [row.result_status, row.edge_status, row.wave])).toEqual([
      ["PENDING", "pending", 1],
      ["PENDING", "pending", 1],
    ])

    const leased = await lease(device)
    expect(leased).toHaveLength(2)
    expect(leased[0]).toMatchObject({
      type: "REBOOT",
      parameters: { mode: "soft" },
      ip_address: "10.0.0.1",
      priority: 5,
      attempt: 1,
      fencing_token: "1",
      expires_at: new Date(farm.clock.now.getTime() + 30 * MINUTE).toISOString(),
    })
    expect(await standing(command)).toMatchObject({ status: "RUNNING", running_count: 2 })
    expect((await results(command)).map((row) => [row.result_status, row.edge_status])).toEqual([
      ["RUNNING", "sent"],
      ["RUNNING", "sent"],
    ])
    expect(await lease(device)).toEqual([])

    expect(await record(device, [answer(leased[0]!)])).toEqual({
      results: [{ id: leased[0]!.id, state: "taken" }],
    })
    expect(await standing(command)).toMatchObject({ status: "RUNNING", succeeded_count: 1, running_count: 1 })
    await record(device, [answer(leased[1]!)])
    expect(await standing(command)).toMatchObject({ status: "SUCCEEDED", outcome: "2 succeeded" })
    expect((await results(command))[0]).toMatchObject({
      result_status: "SUCCEEDED",
      result_code: 0,
      ran: "restart",
      edge_status: "completed",
      skip_reason: null,
    })
    expect(await auditOf(command.id)).toEqual([
      "command.request",
      "command.queue",
      "command.dispatch",
      "command.start",
      "command.result",
      "command.result",
      "command.succeed",
    ])
    // Requested, dispatched, started, two answers and the end: open pages hear of each.
    const heard = () => told.filter((event) => event.commandId === command.id)
    await expect.poll(() => heard().length).toBe(6)
    expect(heard().at(-1)).toMatchObject({ kind: "command", minerIds: minerIds.slice(0, 2) })
    await live.unlisten()
  })

  it("takes an answer once, and none with an old token or from another collector", async () => {
    const { admin, device, minerIds } = await setUp()
    const other = await setUp()
    const command = await start(admin, [minerIds[0]!], LED)
    const [first] = await lease(device)
    farm.clock.advance(61_000)
    const [second] = await lease(device)
    expect(second).toMatchObject({ id: first?.id, attempt: 2, fencing_token: "2" })
    const states = async (by: DeviceActor, row: LeasedCommand, code: 0 | 1 = 0) =>
      (await record(by, [answer(row, code)])).results[0]?.state
    expect(await states(other.device, second!)).toBe("unknown")
    expect(await states(device, first!)).toBe("stale")
    expect(await states(device, { ...second!, fencing_token: "9" })).toBe("stale")
    expect((await standing(command)).status).toBe("RUNNING")
    expect(await states(device, second!)).toBe("taken")
    expect(await states(device, second!, 1)).toBe("taken")
    expect((await results(command))[0]).toMatchObject({ result_status: "SUCCEEDED" })
    expect((await auditOf(command.id)).filter((action) => action === "command.result")).toHaveLength(1)
  })

  it("contradiction 12: every code of the edge has its status", async () => {
    const { admin, device, minerIds } = await setUp({}, 6)
    const command = await start(admin, minerIds, LED)
    const rows = await lease(device)
    await record(
      device,
      rows.map((row, code) => answer(row, code as 0)),
    )
    expect(
      (await results(command)).map((row) => [row.result_code, row.result_status, row.edge_status]),
    ).toEqual([
      [0, "SUCCEEDED", "completed"],
      [1, "FAILED", "failed"],
      [2, "SKIPPED", "completed"],
      [3, "FAILED", "failed"],
      [4, "FAILED", "failed"],
      [5, "FAILED", "failed"],
    ])
    expect(await standing(command)).toMatchObject({
      status: "FAILED",
      outcome: "1 succeeded, 3 failed, 1 with unknown outcome, 1 skipped",
    })
  })

  it("stores what a miner said whatever it holds, and survives ids that are no ids", async () => {
    const { admin, device, minerIds } = await setUp()
    const command = await start(admin, [minerIds[0]!])
    const [row] = await lease(device)
    const odd = { ...answer(row!, 1), message: "bad\0 \ud800 reply", before: { "a\0": ["\0", "\\u0000"] } }
    const nobody = { ...answer(row!), id: "9".repeat(19) }
    const taken = await record(device, [odd, nobody])
    expect(taken.results.map((result) => result.state)).toEqual(["taken", "unknown"])
    expect((await results(command))[0]).toMatchObject({
      result_message: "bad � reply",
      before: { a: ["", "\\u0000"] },
    })
    const leases = [{ id: "9".repeat(19), fencing_token: "1" }]
    const renewed = await renewLeases(farm.as(device), { instance_id: plane.instanceId, leases })
    expect(renewed.leases[0]?.lease_until).toBeNull()
  })

  it("keeps that a machine was so already, and the backup that came with the answer", async () => {
    const { admin, siteId, device, minerIds } = await setUp()
    const command = await start(admin, [minerIds[0]!], POOL, { backupFirst: true })
    const [row] = await lease(device)
    expect(row).toMatchObject({ backup_first: true, label: null })
    const config = {
      family: "antminer",
      model: "Antminer S19",
      firmware_version: "2022",
      pools: [{ url: "stratum+tcp://old.example:3333", user: "a.b" }],
      power_mode: null,
      frequency_mhz: null,
      frequency_level_pct: null,
      voltage_v: null,
      fan: null,
      network: null,
      raw: {},
    }
    const backup = { config, sealed: null }
    await record(device, [answer(row!, 0, { already: true, backup })])
    await record(device, [answer(row!, 0, { already: true, backup })])
    expect((await results(command))[0]).toMatchObject({ result_status: "SUCCEEDED", already: true })
    const kept = await farm.database.sql`select kind, family, device_id from miner_backups
      where site_id = ${siteId} and command_id = ${command.id} and miner_id = ${minerIds[0]!}`
    expect(kept).toEqual([{ kind: "pre_update", family: "antminer", device_id: device.deviceId }])
  })

  it("renews only leases that are held", async () => {
    const { admin, device, minerIds } = await setUp()
    await start(admin, [minerIds[0]!])
    const [row] = await lease(device)
    farm.clock.advance(30_000)
    const renew = async (fencing_token: string) =>
      (
        await renewLeases(farm.as(device), {
          instance_id: plane.instanceId,
          leases: [{ id: row!.id, fencing_token }],
        })
      ).leases[0]?.lease_until
    expect(await renew("1")).toBe(new Date(farm.clock.now.getTime() + MINUTE).toISOString())
    expect(await renew("2")).toBeNull()
  })

  it("hands commands to the process that holds the key only", async () => {
    const { admin, device, minerIds } = await setUp()
    await start(admin, [minerIds[0]!])
    await lease(device)
    const second = leaseCommands(farm.as(device), {
      max: 1,
      instanceId: randomUUID(),
      journal: { epoch: randomUUID(), seq: 0 },
    })
    await expect(second).rejects.toMatchObject({ code: "CONFLICT" })
  })

  it.each([
    ["another journal", () => ({ epoch: randomUUID(), seq: 9 })],
    [
      "a journal that went back",
      (known: { epoch: string; seq: number }) => ({ ...known, seq: known.seq - 1 }),
    ],
  ])("never hands a reboot again to %s", async (_name, changed) => {
    const { admin, device, minerIds } = await setUp()
    const reboot = await start(admin, [minerIds[0]!])
    await start(admin, [minerIds[1]!], LED)
    plane.journals.set(device.deviceId, { epoch: randomUUID(), seq: 5 })
    expect(await lease(device)).toHaveLength(2)
    farm.clock.advance(61_000)
    plane.journals.set(device.deviceId, changed(plane.journals.get(device.deviceId)!))
    expect((await lease(device)).map((row) => row.type)).toEqual(["LED"])
    expect(await standing(reboot)).toMatchObject({ status: "FAILED", outcome: "1 with unknown outcome" })
    expect((await results(reboot))[0]).toMatchObject({ result_status: "FAILED", result_code: 5 })
    expect(await auditOf(reboot.id)).toContain("command.journal-lost")
  })

  it("prunes ended edge rows after 30 days and keeps the results", async () => {
    const { admin, device, minerIds } = await setUp()
    const command = await start(admin, [minerIds[0]!])
    await plane.run(device)
    farm.clock.advance(29 * 24 * 60 * MINUTE)
    await pruneEdgeCommands(farm.as(WORKER))
    expect((await results(command))[0]?.edge_status).toBe("completed")
    farm.clock.advance(2 * 24 * 60 * MINUTE)
    await pruneEdgeCommands(farm.as(WORKER))
    expect((await results(command))[0]).toMatchObject({ edge_status: null, result_status: "SUCCEEDED" })
  })
})

import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { CommandResult, LeasedCommand } from "#server/contract/edge.ts"
import type { DeviceActor, UserActor } from "../access/actor.ts"
import { approveCommand } from "./approve-command.ts"
import { cancelCommand } from "./cancel-command.ts"
import { countApprovals } from "./count-approvals.ts"
import { denyCommand } from "./deny-command.ts"
import { dispatchCommand } from "./dispatch-command.ts"
import { expireCommands } from "./expire-commands.ts"
import { leaseCommands } from "./lease-commands.ts"
import { listApprovals } from "./list-approvals.ts"
import { listCommands } from "./list-commands.ts"
import { previewCommand } from "./preview-command.ts"
import { pruneEdgeCommands } from "./prune-edge-commands.ts"
import { readCommand } from "./read-command.ts"
import { recordResult } from "./record-result.ts"
import { renewLeases } from "./renew-leases.ts"
import { requestCommand } from "./request-command.ts"
import { type FarmSite, useFarm, WORKER } from "./test/farm.ts"

const SOFT = { type: "REBOOT", parameters: { mode: "soft" } } as const
const HARD = { type: "REBOOT", parameters: { mode: "hard" } } as const
const LED = { type: "LED", parameters: { state: "on" } } as const
const MINUTE = 60_000

describe("commands", () => {
  const farm = useFarm()
  const instanceId = randomUUID()
  const journals = new Map<number, { epoch: string; seq: number }>()

  const request = async (
    actor: UserActor,
    minerIds: number[],
    action: typeof SOFT | typeof HARD | typeof LED = SOFT,
  ) => {
    const { commands } = await requestCommand(farm.as(actor), { requestId: randomUUID(), minerIds, action })
    return commands[0]!
  }
  const dispatch = (command: { siteId: number; id: string }) =>
    dispatchCommand(farm.as(WORKER), { siteId: command.siteId, commandId: command.id })
  const lease = (device: DeviceActor, max = 100) => {
    const journal = journals.get(device.deviceId) ?? { epoch: randomUUID(), seq: 0 }
    journals.set(device.deviceId, journal)
    return leaseCommands(farm.as(device), { max, instanceId, journal: { ...journal } })
  }
  const answer = (
    row: Pick<LeasedCommand, "id" | "fencing_token">,
    code: CommandResult["result_code"] = 0,
  ) => ({
    id: row.id,
    fencing_token: row.fencing_token,
    result_code: code,
    message: `code ${code}`,
    ran: code === 0 ? "restart" : null,
    started_at: farm.clock.now.toISOString(),
    finished_at: farm.clock.now.toISOString(),
  })
  const record = (device: DeviceActor, results: ReturnType<typeof answer>[]) =>
    recordResult(farm.as(device), { results })
  const read = (actor: UserActor, commandId: string) => readCommand(farm.as(actor), { commandId })
  const auditOf = async (commandId: string) =>
    (
      await farm.database.sql<{ action: string }[]>`
        select action from audit_log where subject_id = ${commandId} order by id`
    ).map((row) => row.action)
  const setUp = async (settings?: Record<string, unknown>): Promise<FarmSite & { admin: UserActor }> => {
    const site = await farm.makeSite(settings)
    return { ...site, admin: await farm.makeUser("admin", site.siteId) }
  }

  it("goes from request to result, each move audited", async () => {
    const { admin, device, minerIds } = await setUp()
    const command = await request(admin, minerIds.slice(0, 2))
    expect(command.status).toBe("QUEUED")
    const jobs = await farm.database.sql`select data from pgboss.job where name = 'command.dispatch'
      and data->>'commandId' = ${command.id}`
    expect(jobs).toHaveLength(1)
    expect(await dispatch(command)).toEqual({ queued: 2, skipped: 0 })
    expect(await dispatch(command)).toMatchObject({ queued: 0 })

    const leased = await lease(device)
    expect(leased).toHaveLength(2)
    expect(leased[0]).toMatchObject({
      type: "REBOOT",
      parameters: { mode: "soft" },
      attempt: 1,
      fencing_token: "1",
    })
    expect((await read(admin, command.id)).command.status).toBe("RUNNING")
    expect(await lease(device)).toEqual([])

    expect(await record(device, [answer(leased[0]!)])).toEqual({
      results: [{ id: leased[0]!.id, state: "taken" }],
    })
    expect((await read(admin, command.id)).command).toMatchObject({
      status: "RUNNING",
      succeeded: 1,
      open: 1,
    })
    await record(device, [answer(leased[1]!)])
    const done = await read(admin, command.id)
    expect(done.command).toMatchObject({ status: "SUCCEEDED", outcome: "2 succeeded", succeeded: 2 })
    expect(done.results[0]).toMatchObject({ resultStatus: "SUCCEEDED", resultCode: 0, ran: "restart" })
    expect(done.timeline.map((step) => step.step)).toEqual(["requested", "queued", "started", "finished"])
    expect(await auditOf(command.id)).toEqual([
      "command.request",
      "command.queue",
      "command.start",
      "command.result",
      "command.result",
      "command.succeed",
    ])
  })

  it("runs a double click once, and refuses another's request id", async () => {
    const { admin, minerIds, siteId } = await setUp()
    const input = { requestId: randomUUID(), minerIds: minerIds.slice(0, 1), action: SOFT }
    const [first, second] = await Promise.all([
      requestCommand(farm.as(admin), input),
      requestCommand(farm.as(admin), input),
    ])
    expect(second.commands[0]?.id).toBe(first.commands[0]?.id)
    const other = await farm.makeUser("operator", siteId)
    await expect(requestCommand(farm.as(other), input)).rejects.toMatchObject({ code: "CONFLICT" })
  })

  it("makes one command a site, and none when a machine is foreign", async () => {
    const a = await setUp()
    const b = await setUp()
    const { commands } = await requestCommand(farm.as(a.admin), {
      requestId: randomUUID(),
      minerIds: [a.minerIds[0]!, b.minerIds[0]!],
      action: SOFT,
    })
    expect(commands.map((command) => command.siteId)).toEqual([a.siteId, b.siteId])
    const operator = await farm.makeUser("operator", a.siteId)
    await expect(request(operator, [a.minerIds[0]!, b.minerIds[0]!])).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    const list = await listCommands(farm.as(operator), {})
    expect(list.rows.map((row) => row.id)).toEqual([commands[0]?.id])
    expect(list.total).toBe(1)
    await expect(read(operator, commands[1]!.id)).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(listCommands(farm.as(operator), { siteId: b.siteId })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
  })

  it("needs a second person, who is not the first and still holds the right", async () => {
    const { siteId, minerIds, admin } = await setUp()
    const manager = await farm.makeUser("site_manager", siteId)
    const operator = await farm.makeUser("operator", siteId)
    const command = await request(manager, minerIds)
    expect(command).toMatchObject({ status: "PENDING_APPROVAL", approvalReasons: ["batch"] })
    const { id: commandId } = command
    await expect(approveCommand(farm.as(manager), { commandId })).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(denyCommand(farm.as(manager), { commandId, reason: "x" })).rejects.toMatchObject({
      code: "FORBIDDEN",
    })
    await expect(approveCommand(farm.as(operator), { commandId })).rejects.toMatchObject({
      code: "FORBIDDEN",
    })
    const stranger = await farm.makeUser("site_manager", (await farm.makeSite()).siteId)
    await expect(approveCommand(farm.as(stranger), { commandId })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    expect(await countApprovals(farm.as(operator))).toBe(1)
    expect((await listApprovals(farm.as(operator)))[0]).toMatchObject({
      id: commandId,
      can: { approve: false },
    })
    expect((await read(admin, commandId)).can).toEqual({ approve: true, deny: true, cancel: true })
    await approveCommand(farm.as(admin), { commandId })
    expect((await read(admin, commandId)).command.status).toBe("QUEUED")
    await expect(approveCommand(farm.as(admin), { commandId })).rejects.toMatchObject({ code: "CONFLICT" })
  })

  it("a denial cancels with who and why", async () => {
    const { siteId, minerIds, admin } = await setUp()
    const command = await request(await farm.makeUser("operator", siteId), minerIds)
    await denyCommand(farm.as(admin), { commandId: command.id, reason: "not now" })
    const read_ = await read(admin, command.id)
    expect(read_.command).toMatchObject({ status: "CANCELLED", outcome: "Denied: not now", skipped: 4 })
    expect(read_.timeline.map((step) => step.step)).toContain("denied")
  })

  it("an approval nobody gave ends after 24 hours", async () => {
    const { siteId, minerIds, admin } = await setUp()
    const command = await request(await farm.makeUser("operator", siteId), minerIds)
    farm.clock.advance(24 * 60 * MINUTE)
    await expect(approveCommand(farm.as(admin), { commandId: command.id })).rejects.toMatchObject({
      code: "CONFLICT",
    })
    await expireCommands(farm.as(WORKER))
    expect((await read(admin, command.id)).command).toMatchObject({ status: "CANCELLED", skipped: 4 })
  })

  it("skips at dispatch what cannot run, and tells the same before", async () => {
    const { admin, minerIds, device, siteId } = await setUp()
    const [offline, retired, busy, fine] = minerIds as [number, number, number, number]
    const { sql } = farm.database
    await sql`update miner_telemetry_live set offline_since = now() where miner_id = ${offline} and site_id = ${siteId}`
    await sql`update hosting_miners set state = 'retired' where id = ${retired}`
    await dispatch(await request(admin, [busy]))
    const preview = await previewCommand(farm.as(admin), { minerIds, action: SOFT })
    const verdictOf = (id: number) => preview.targets.find((target) => target.minerId === id)?.verdict
    expect([offline, retired, busy, fine].map(verdictOf)).toEqual([
      "offline",
      "unsupported",
      "busy",
      "will_run",
    ])

    const command = await request(admin, minerIds)
    expect(await dispatch(command)).toEqual({ queued: 1, skipped: 3 })
    const results = (await read(admin, command.id)).results
    expect(results.find((row) => row.minerId === busy)).toMatchObject({
      resultStatus: "SKIPPED",
      resultCode: 4,
    })
    expect(results.find((row) => row.minerId === offline)?.resultMessage).toMatch(/offline/)
    const hard = await previewCommand(farm.as(admin), { minerIds: [offline], action: HARD })
    expect(hard.targets[0]?.verdict).toBe("will_run")

    const leased = await lease(device)
    await record(
      device,
      leased.map((row) => answer(row)),
    )
    expect((await read(admin, command.id)).command).toMatchObject({
      status: "SUCCEEDED",
      outcome: "1 succeeded, 3 skipped",
    })
    const nothing = await request(admin, [offline, retired])
    await dispatch(nothing)
    expect((await read(admin, nothing.id)).command.status).toBe("FAILED")
  })

  it("takes an answer once, and none with an old token or from another collector", async () => {
    const { admin, device, minerIds } = await setUp()
    const other = await setUp()
    const command = await request(admin, [minerIds[0]!], LED)
    await dispatch(command)
    const [first] = await lease(device)
    farm.clock.advance(61_000)
    const [second] = await lease(device)
    expect(second).toMatchObject({ id: first?.id, attempt: 2, fencing_token: "2" })
    const states = async (by: DeviceActor, row: LeasedCommand, code: 0 | 1 = 0) =>
      (await record(by, [answer(row, code)])).results[0]?.state
    expect(await states(other.device, second!)).toBe("unknown")
    expect(await states(device, first!)).toBe("stale")
    expect(await states(device, { ...second!, fencing_token: "9" })).toBe("stale")
    expect((await read(admin, command.id)).command.status).toBe("RUNNING")
    expect(await states(device, second!)).toBe("taken")
    expect(await states(device, second!, 1)).toBe("taken")
    expect((await read(admin, command.id)).results[0]).toMatchObject({ resultStatus: "SUCCEEDED" })
    expect((await auditOf(command.id)).filter((action) => action === "command.result")).toHaveLength(1)
  })

  it("stores what a miner said whatever it holds, and survives ids that are no ids", async () => {
    const { admin, device, minerIds } = await setUp()
    const command = await request(admin, [minerIds[0]!])
    await dispatch(command)
    const [row] = await lease(device)
    const odd = { ...answer(row!, 1), message: "bad\0 \ud800 reply", before: { "a\0": ["\0", "\\u0000"] } }
    const nobody = { ...answer(row!), id: "9".repeat(19) }
    const taken = await record(device, [odd, nobody])
    expect(taken.results.map((result) => result.state)).toEqual(["taken", "unknown"])
    const [stored] = await farm.database.sql`
      select result_message, before from remote_command_results where command_id = ${command.id}`
    expect(stored).toEqual({ result_message: "bad \ufffd reply", before: { a: ["", "\\u0000"] } })
    const leases = [{ id: "9".repeat(19), fencing_token: "1" }]
    const renewed = await renewLeases(farm.as(device), { instance_id: instanceId, leases })
    expect(renewed.leases[0]?.lease_until).toBeNull()
  })

  it("renews only leases that are held", async () => {
    const { admin, device, minerIds } = await setUp()
    await dispatch(await request(admin, [minerIds[0]!]))
    const [row] = await lease(device)
    farm.clock.advance(30_000)
    const renewed = await renewLeases(farm.as(device), {
      instance_id: instanceId,
      leases: [
        { id: row!.id, fencing_token: "1" },
        { id: row!.id, fencing_token: "2" },
      ].slice(0, 1),
    })
    expect(renewed.leases[0]?.lease_until).toBe(new Date(farm.clock.now.getTime() + MINUTE).toISOString())
    const stale = await renewLeases(farm.as(device), {
      instance_id: instanceId,
      leases: [{ id: row!.id, fencing_token: "2" }],
    })
    expect(stale.leases[0]?.lease_until).toBeNull()
  })

  it("hands commands to the process that holds the key only", async () => {
    const { admin, device, minerIds } = await setUp()
    await dispatch(await request(admin, [minerIds[0]!]))
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
    const reboot = await request(admin, [minerIds[0]!])
    await dispatch(reboot)
    const led = await request(admin, [minerIds[1]!], LED)
    await dispatch(led)
    journals.set(device.deviceId, { epoch: randomUUID(), seq: 5 })
    expect(await lease(device)).toHaveLength(2)
    farm.clock.advance(61_000)
    journals.set(device.deviceId, changed(journals.get(device.deviceId)!))
    expect((await lease(device)).map((row) => row.type)).toEqual(["LED"])
    const ended = await read(admin, reboot.id)
    expect(ended.command).toMatchObject({ status: "FAILED", outcome: "1 with unknown outcome" })
    expect(ended.results[0]).toMatchObject({ resultStatus: "FAILED", resultCode: 5 })
    expect(await auditOf(reboot.id)).toContain("command.journal-lost")
  })

  it("expires what nobody fetched, and calls unknown what nobody answered", async () => {
    const { admin, device, minerIds } = await setUp()
    const never = await request(admin, [minerIds[0]!])
    await dispatch(never)
    farm.clock.advance(31 * MINUTE)
    expect(await lease(device)).toEqual([])
    await expireCommands(farm.as(WORKER))
    expect((await read(admin, never.id)).command).toMatchObject({ status: "EXPIRED", skipped: 1 })

    const mixed = await request(admin, minerIds)
    await dispatch(mixed)
    const [sent] = await lease(device, 1)
    farm.clock.advance(30 * MINUTE)
    await expireCommands(farm.as(WORKER))
    expect((await read(admin, mixed.id)).command).toMatchObject({ status: "RUNNING", skipped: 3, open: 1 })
    farm.clock.advance(MINUTE)
    await expireCommands(farm.as(WORKER))
    const ended = await read(admin, mixed.id)
    expect(ended.command).toMatchObject({ status: "FAILED", outcome: "1 with unknown outcome, 3 expired" })
    expect((await record(device, [answer(sent!)])).results[0]?.state).toBe("taken")
    expect((await record(device, [answer(sent!)])).results[0]?.state).toBe("taken")
    const late = await read(admin, mixed.id)
    expect(late.command.status).toBe("FAILED")
    expect(late.results[0]?.resultMessage?.match(/Answered too late/g)).toHaveLength(1)
  })

  it("a command that was never dispatched expires too", async () => {
    const { admin, minerIds } = await setUp()
    const command = await request(admin, [minerIds[0]!])
    farm.clock.advance(29 * MINUTE)
    await expireCommands(farm.as(WORKER))
    expect((await read(admin, command.id)).command.status).toBe("QUEUED")
    farm.clock.advance(MINUTE)
    await expireCommands(farm.as(WORKER))
    expect((await read(admin, command.id)).command.status).toBe("EXPIRED")
  })

  it("is cancelled whole before it runs, and by its rest while it runs", async () => {
    const { admin, siteId, device, minerIds } = await setUp({ approval_batch_threshold: 10 })
    const operator = await farm.makeUser("operator", siteId)
    const queued = await request(operator, minerIds)
    await dispatch(queued)
    const bystander = await farm.makeUser("operator", siteId)
    await expect(cancelCommand(farm.as(bystander), { commandId: queued.id })).rejects.toMatchObject({
      code: "FORBIDDEN",
    })
    expect(await cancelCommand(farm.as(operator), { commandId: queued.id })).toEqual({ cancelled: 4 })
    expect(await lease(device)).toEqual([])

    const running = await request(operator, minerIds)
    await dispatch(running)
    const [row] = await lease(device, 1)
    expect(await cancelCommand(farm.as(admin), { commandId: running.id })).toEqual({ cancelled: 3 })
    expect((await read(admin, running.id)).command.status).toBe("RUNNING")
    await expect(cancelCommand(farm.as(admin), { commandId: running.id })).rejects.toMatchObject({
      code: "CONFLICT",
    })
    await record(device, [answer(row!)])
    expect((await read(admin, running.id)).command).toMatchObject({
      status: "SUCCEEDED",
      outcome: "1 succeeded, 3 skipped",
    })
    await expect(cancelCommand(farm.as(admin), { commandId: running.id })).rejects.toMatchObject({
      code: "CONFLICT",
    })
  })

  it("shows a client his own targets and nothing of the others", async () => {
    const { admin, siteId, device, minerIds } = await setUp({ client_commands_allowed: true })
    const client = await farm.makeUser("client", siteId, [minerIds[0]!])
    const mixed = await request(admin, minerIds)
    await dispatch(mixed)
    const foreign = await request(admin, [minerIds[1]!], LED)
    await record(
      device,
      (await lease(device)).map((row) => answer(row, 1)),
    )
    const seen = await read(client, mixed.id)
    expect(seen.results.map((row) => row.minerId)).toEqual([minerIds[0]])
    expect(seen.command).toMatchObject({ targets: 1, failed: 1, outcome: null, requestedByName: null })
    expect(seen.can).toEqual({ approve: false, deny: false, cancel: false })
    await expect(read(client, foreign.id)).rejects.toMatchObject({ code: "NOT_FOUND" })
    expect((await listCommands(farm.as(client), {})).rows.map((row) => row.id)).toEqual([mixed.id])
    await expect(request(client, [minerIds[1]!])).rejects.toMatchObject({ code: "NOT_FOUND" })
    const own = await request(client, [minerIds[0]!])
    expect(own.status).toBe("QUEUED")
    await expect(request(client, [minerIds[0]!], HARD)).rejects.toMatchObject({ code: "FORBIDDEN" })
  })

  it("shows a technician what he asked for himself", async () => {
    const { admin, siteId, minerIds } = await setUp()
    const technician = await farm.makeUser("technician", siteId)
    const own = await request(technician, [minerIds[0]!])
    const foreign = await request(admin, [minerIds[1]!])
    expect((await listCommands(farm.as(technician), { siteId })).rows.map((row) => row.id)).toEqual([own.id])
    await expect(read(technician, foreign.id)).rejects.toMatchObject({ code: "NOT_FOUND" })
    expect(await request(technician, [minerIds[2]!], HARD)).toMatchObject({ status: "PENDING_APPROVAL" })
    const auditor = await farm.makeUser("auditor", siteId)
    expect((await listCommands(farm.as(auditor), {})).total).toBe(3)
    await expect(request(auditor, [minerIds[0]!])).rejects.toMatchObject({ code: "FORBIDDEN" })
  })

  it("notes that a rebooted machine hashes again, by what it says after the reboot", async () => {
    const { admin, siteId, device, minerIds } = await setUp()
    const command = await request(admin, [minerIds[0]!])
    await dispatch(command)
    await record(
      device,
      (await lease(device)).map((row) => answer(row)),
    )
    const { sql } = farm.database
    const sample = (uptimeS: number, hashrate: number) => sql`update miner_telemetry_live
      set collected_at = ${farm.clock.now}, uptime_seconds = ${uptimeS}, hashrate_ghs = ${hashrate}
      where site_id = ${siteId} and miner_id = ${minerIds[0]!}`
    const recoveredAt = async () => {
      await expireCommands(farm.as(WORKER))
      return (await read(admin, command.id)).results[0]?.recoveredAt
    }
    farm.clock.advance(5_000)
    await sample(90_000, 100)
    expect(await recoveredAt()).toBeNull()
    farm.clock.advance(MINUTE)
    await sample(30, 0)
    expect(await recoveredAt()).toBeNull()
    farm.clock.advance(MINUTE)
    await sample(90, 100)
    expect(await recoveredAt()).toEqual(farm.clock.now)
  })

  it("prunes ended edge rows after 30 days and keeps the results", async () => {
    const { admin, device, minerIds } = await setUp()
    const command = await request(admin, [minerIds[0]!])
    await dispatch(command)
    await record(
      device,
      (await lease(device)).map((row) => answer(row)),
    )
    farm.clock.advance(29 * 24 * 60 * MINUTE)
    await pruneEdgeCommands(farm.as(WORKER))
    const rows = () => farm.database.sql`select 1 from miner_commands where remote_command_id = ${command.id}`
    expect(await rows()).toHaveLength(1)
    farm.clock.advance(2 * 24 * 60 * MINUTE)
    await pruneEdgeCommands(farm.as(WORKER))
    expect(await rows()).toHaveLength(0)
    expect((await read(admin, command.id)).command).toMatchObject({ status: "SUCCEEDED", succeeded: 1 })
  })
})

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
})

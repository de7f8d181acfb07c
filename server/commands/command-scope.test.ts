import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { Actor, UserActor } from "../access/actor.ts"
import { dispatchCommand } from "./dispatch-command.ts"
import { leaseCommands } from "./lease-commands.ts"
import { listCommands } from "./list-commands.ts"
import { listResults } from "./list-results.ts"
import { readCommand } from "./read-command.ts"
import { recordResult } from "./record-result.ts"
import { requestCommand } from "./request-command.ts"
import { type FarmSite, useFarm, WORKER } from "./test/farm.ts"

const SOFT = { type: "REBOOT", parameters: { mode: "soft" } }
const LED = { type: "LED", parameters: { state: "on" } }

describe("what a reader sees of commands (A15, decision 13)", () => {
  const farm = useFarm()

  const setUp = async (settings?: Record<string, unknown>): Promise<FarmSite & { admin: UserActor }> => {
    const site = await farm.makeSite(settings)
    return { ...site, admin: await farm.makeUser("admin", site.siteId) }
  }
  const request = async (actor: Actor, minerIds: number[], action: typeof SOFT | typeof LED = SOFT) => {
    const input = { requestId: randomUUID(), targets: { minerIds }, action }
    return (await requestCommand(farm.as(actor), input)).commands
  }
  const read = (actor: Actor, commandId: string) => readCommand(farm.as(actor), { commandId })

  it("one site reads nothing of the command of another", async () => {
    const a = await setUp()
    const b = await setUp()
    const commands = await request(a.admin, [a.minerIds[0]!, b.minerIds[0]!])
    const operator = await farm.makeUser("operator", a.siteId)
    const list = await listCommands(farm.as(operator), {})
    expect(list.rows.map((row) => row.id)).toEqual([commands[0]?.id])
    expect(list.total).toBe(1)
    await expect(read(operator, commands[1]!.id)).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(listCommands(farm.as(operator), { siteId: b.siteId })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
  })

  it("a client sees his own targets and nothing of the others", async () => {
    const { admin, siteId, device, minerIds } = await setUp({ client_commands_allowed: true })
    const client = await farm.makeUser("client", siteId, [minerIds[0]!])
    const [mixed] = await request(admin, minerIds)
    await dispatchCommand(farm.as(WORKER), { siteId, commandId: mixed!.id })
    const [foreign] = await request(admin, [minerIds[1]!], LED)
    const journal = { epoch: randomUUID(), seq: 0 }
    const leased = await leaseCommands(farm.as(device), { max: 9, instanceId: randomUUID(), journal })
    const at = farm.clock.now.toISOString()
    await recordResult(farm.as(device), {
      results: leased.commands.map(({ id, fencing_token }) => ({
        id,
        fencing_token,
        result_code: 1,
        message: "no",
        ran: null,
        started_at: at,
        finished_at: at,
      })),
    })
    const seen = await read(client, mixed!.id)
    const { rows } = await listResults(farm.as(client), { commandId: mixed!.id })
    expect(rows.map((row) => row.minerId)).toEqual([minerIds[0]])
    expect(seen.command).toMatchObject({ targets: 1, failed: 1, outcome: null, requestedByName: null })
    expect(seen.can).toMatchObject({ approve: false, deny: false, cancel: false, resume: false })
    await expect(read(client, foreign!.id)).rejects.toMatchObject({ code: "NOT_FOUND" })
    expect((await listCommands(farm.as(client), {})).rows.map((row) => row.id)).toEqual([mixed!.id])
    const [own] = await request(client, [minerIds[0]!])
    expect((await read(client, own!.id)).command).toMatchObject({ requestedByName: "client" })
  })

  it("a technician sees what he asked for himself, an auditor everything", async () => {
    const { admin, siteId, minerIds } = await setUp()
    const technician = await farm.makeUser("technician", siteId)
    const [own] = await request(technician, [minerIds[0]!])
    const [foreign] = await request(admin, [minerIds[1]!])
    expect((await listCommands(farm.as(technician), { siteId })).rows.map((row) => row.id)).toEqual([own!.id])
    await expect(read(technician, foreign!.id)).rejects.toMatchObject({ code: "NOT_FOUND" })
    const auditor = await farm.makeUser("auditor", siteId)
    expect((await listCommands(farm.as(auditor), {})).total).toBe(2)
    await expect(request(auditor, [minerIds[0]!])).rejects.toMatchObject({ code: "FORBIDDEN" })
  })
})

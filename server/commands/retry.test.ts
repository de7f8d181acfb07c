import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { Actor, UserActor } from "../access/actor.ts"
import { readRetry } from "./read-retry.ts"
import { requestCommand } from "./request-command.ts"
import { type FarmSite, useFarm } from "./test/farm.ts"

type Input = Parameters<typeof requestCommand>[1]
const SOFT = { type: "REBOOT", parameters: { mode: "soft" } }
const POOL = {
  type: "CHANGE_POOL",
  parameters: { pools: [{ url: "stratum+tcp://new.example:3333", worker_name: "a.b" }] },
}

describe("repeating the failed part of a command", () => {
  const farm = useFarm()

  const setUp = async (): Promise<FarmSite & { admin: UserActor }> => {
    const site = await farm.makeSite({ client_commands_allowed: true }, { miners: 7 })
    return { ...site, admin: await farm.makeUser("admin", site.siteId) }
  }
  const request = async (
    actor: Actor,
    minerIds: number[],
    action: Input["action"] = SOFT,
    retryOf?: string,
  ) => {
    const input = { requestId: randomUUID(), targets: { minerIds }, action, retryOf }
    return (await requestCommand(farm.as(actor), input)).commands[0]!.id
  }
  const end = (commandId: string, minerId: number, status: string, code: number, reason: string | null) =>
    farm.database.sql`update remote_command_results set result_status = ${status}, result_code = ${code},
      skip_reason = ${reason} where command_id = ${commandId} and miner_id = ${minerId}`
  /** One target of each end. */
  const half = async (site: FarmSite & { admin: UserActor }, action: Input["action"] = SOFT) => {
    const id = await request(site.admin, site.minerIds, action)
    const [done, failed, unknown, late, cancelled, retired, open] = site.minerIds as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    await end(id, done, "SUCCEEDED", 0, null)
    await end(id, failed, "FAILED", 1, null)
    await end(id, unknown, "FAILED", 5, null)
    await end(id, late, "SKIPPED", 2, "expired")
    await end(id, cancelled, "SKIPPED", 2, "cancelled")
    await end(id, retired, "SKIPPED", 2, "retired")
    return { id, again: [failed, unknown, late, cancelled], done, open }
  }

  it("names the failed, unknown, late and cancelled targets, and the new command names the old one", async () => {
    const site = await setUp()
    const { id, again } = await half(site)
    const retry = await readRetry(farm.as(site.admin), { commandId: id })
    expect(retry).toEqual({
      commandId: id,
      siteId: site.siteId,
      action: SOFT,
      minerIds: again,
      needsPassword: false,
    })
    const newId = await request(site.admin, retry.minerIds, retry.action, id)
    const [row] = await farm.database
      .sql`select retry_of, target_ids from remote_commands where id = ${newId}`
    expect(row).toEqual({ retry_of: id, target_ids: again })
  })

  it("D07 passwords have to be typed again", async () => {
    const site = await setUp()
    const { id } = await half(site, POOL)
    expect(await readRetry(farm.as(site.admin), { commandId: id })).toMatchObject({
      needsPassword: true,
      action: POOL,
    })
  })

  it("repeats nothing else: not what succeeded or is open, no other type, no other site, nobody else's command", async () => {
    const site = await setUp()
    const foreign = await setUp()
    const { id, again, done, open } = await half(site)
    const refused = (minerIds: number[], action: Input["action"] = SOFT, actor: Actor = site.admin) =>
      request(actor, minerIds, action, id).then(
        () => "made",
        (error: { code: string }) => error.code,
      )
    expect(await refused([done])).toBe("CONFLICT")
    expect(await refused([open])).toBe("CONFLICT")
    expect(await refused([again[0]!, foreign.minerIds[0]!])).toBe("INVALID")
    expect(await refused([foreign.minerIds[0]!])).toBe("INVALID")
    expect(await refused(again, { type: "LED", parameters: { state: "on" } })).toBe("INVALID")
    const stranger = await farm.makeUser("operator", foreign.siteId)
    await expect(readRetry(farm.as(stranger), { commandId: id })).rejects.toMatchObject({ code: "NOT_FOUND" })
    expect(await refused([foreign.minerIds[0]!], SOFT, stranger)).toBe("NOT_FOUND")
    const auditor = await farm.makeUser("auditor", site.siteId)
    await expect(readRetry(farm.as(auditor), { commandId: id })).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(readRetry(farm.as(site.admin), { commandId: randomUUID() })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    const fine = await request(site.admin, site.minerIds)
    await expect(readRetry(farm.as(site.admin), { commandId: fine })).rejects.toMatchObject({
      code: "CONFLICT",
    })
  })

  it("a client repeats his own machines only", async () => {
    const site = await setUp()
    const { id, again } = await half(site)
    const client = await farm.makeUser("client", site.siteId, [again[1]!])
    expect((await readRetry(farm.as(client), { commandId: id })).minerIds).toEqual([again[1]])
  })
})

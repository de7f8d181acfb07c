import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { openSealed, SEAL_PURPOSES } from "#server/sealed-box.ts"
import type { Actor, UserActor } from "../../access/actor.ts"
import { createEnrollmentCode } from "../../collectors/create-enrollment-code.ts"
import { enrollCollector } from "../../collectors/enroll-collector.ts"
import { previewCommand } from "../preview-command.ts"
import { requestCommand } from "../request-command.ts"
import { DEVICE_KEY, type FarmSite, useFarm } from "../test/farm.ts"
import { deleteTemplate } from "./delete-template.ts"
import { listTemplates } from "./list-templates.ts"
import { readTemplate } from "./read-template.ts"
import { saveTemplate } from "./save-template.ts"

type Action = Parameters<typeof saveTemplate>[1]["action"]
const URL = "stratum+tcp://pool.example:3333"
const pool = (password?: string, worker_name = "acct.{worker}", url = URL): Action => ({
  type: "CHANGE_POOL",
  parameters: { pools: [{ url, worker_name, ...(password === undefined ? {} : { password }) }] },
})
const LED: Action = { type: "LED", parameters: { state: "on" } }

describe("templates (D20)", () => {
  const farm = useFarm()

  const setUp = async (): Promise<FarmSite & Record<"admin" | "operator" | "technician", UserActor>> => {
    const site = await farm.makeSite({ client_commands_allowed: true })
    return {
      ...site,
      admin: await farm.makeUser("admin", site.siteId),
      operator: await farm.makeUser("operator", site.siteId),
      technician: await farm.makeUser("technician", site.siteId),
    }
  }
  const save = (actor: Actor, siteId: number, action: Action, more: { id?: string; name?: string } = {}) =>
    saveTemplate(farm.as(actor), { siteId, name: `t ${randomUUID()}`, action, ...more })
  const secretsOf = async (subjectId: string) => {
    const rows = await farm.database.sql<{ sealed: string }[]>`
      select sealed from sealed_secrets where subject_id = ${subjectId} order by device_id`
    return rows.map((row) => JSON.parse(openSealed(DEVICE_KEY, SEAL_PURPOSES.command, row.sealed)).passwords)
  }
  const request = async (actor: Actor, minerIds: number[], action: Action, templateId?: string) => {
    const input = { requestId: randomUUID(), targets: { minerIds }, action, templateId }
    return (await requestCommand(farm.as(actor), input)).commands[0]!.id
  }

  it("keeps a named command per site, for those who may request there, audited without its passwords", async () => {
    const { siteId, operator, technician, admin, minerIds } = await setUp()
    const { id } = await save(operator, siteId, pool("s3cret"), { name: " Main pool " })
    const template = await readTemplate(farm.as(technician), { templateId: id })
    expect(template).toMatchObject({
      siteId,
      name: "Main pool",
      description: null,
      action: { type: "CHANGE_POOL", parameters: { pools: [{ url: URL, worker_name: "acct.{worker}" }] } },
      createdByName: "operator",
      keys: { sealed: 1, devices: 1 },
      can: { edit: false, delete: false },
    })
    expect((await readTemplate(farm.as(operator), { templateId: id })).can).toEqual({
      edit: true,
      delete: true,
    })
    expect(JSON.stringify(template)).not.toContain("s3cret")
    const led = await save(operator, siteId, LED, { name: "Blink" })
    expect((await listTemplates(farm.as(technician), { siteId })).map((one) => one.name)).toEqual([
      "Blink",
      "Main pool",
    ])
    expect((await listTemplates(farm.as(admin), { siteId, type: "LED" })).map((one) => one.id)).toEqual([
      led.id,
    ])
    expect((await listTemplates(farm.as(admin), { siteId, type: "LED" }))[0]?.keys).toBeNull()

    const stranger = await farm.makeUser("site_manager", (await farm.makeSite()).siteId)
    const auditor = await farm.makeUser("auditor", siteId)
    const client = await farm.makeUser("client", siteId, [minerIds[0]!])
    for (const actor of [stranger, auditor, client]) {
      await expect(readTemplate(farm.as(actor), { templateId: id })).rejects.toMatchObject({
        code: "NOT_FOUND",
      })
      await expect(deleteTemplate(farm.as(actor), { templateId: id })).rejects.toMatchObject({
        code: "NOT_FOUND",
      })
      expect(await listTemplates(farm.as(actor))).toEqual([])
    }
    await expect(listTemplates(farm.as(stranger), { siteId })).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(listTemplates(farm.as({ kind: "anonymous" }))).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    })

    const audit = await farm.database.sql<{ action: string; row: string }[]>`
      select action, a::text as row from audit_log a where subject_id = ${id}`
    expect(audit.map((row) => row.action)).toEqual(["template.create"])
    expect(audit[0]?.row).not.toContain("s3cret")
  })

  it("is written with REQUEST FULL only, under a name of its own", async () => {
    const { siteId, operator, technician } = await setUp()
    await expect(save(technician, siteId, LED)).rejects.toMatchObject({ code: "FORBIDDEN" })
    const { id } = await save(operator, siteId, LED, { name: "Blink" })
    await expect(save(operator, siteId, LED, { name: "bLINK" })).rejects.toMatchObject({
      code: "CONFLICT",
      details: [{ path: "name", message: expect.any(String) }],
    })
    const other = await save(operator, siteId, LED, { name: "Other" })
    await expect(save(operator, siteId, LED, { id: other.id, name: "Blink" })).rejects.toMatchObject({
      code: "CONFLICT",
    })
    await save(operator, siteId, LED, { id, name: "blink" })
    const elsewhere = await farm.makeSite()
    await save(await farm.makeUser("operator", elsewhere.siteId), elsewhere.siteId, LED, { name: "Blink" })
    await expect(save(technician, siteId, LED, { id })).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(deleteTemplate(farm.as(technician), { templateId: id })).rejects.toMatchObject({
      code: "FORBIDDEN",
    })
    await expect(save(operator, elsewhere.siteId, LED)).rejects.toMatchObject({ code: "NOT_FOUND" })
    const stranger = await farm.makeUser("operator", elsewhere.siteId)
    await expect(save(stranger, elsewhere.siteId, LED, { id })).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(save(operator, siteId, { type: "LED", parameters: {} })).rejects.toMatchObject({
      code: "INVALID",
    })
    await expect(
      save(operator, siteId, { type: "RESTORE_CONFIG", parameters: { backup_id: randomUUID() } }),
    ).rejects.toMatchObject({ code: "INVALID" })
  })

  it("D07 decision 22: its passwords are used without retyping, and wiped with it, not with the command", async () => {
    const { siteId, operator, minerIds } = await setUp()
    const { id } = await save(operator, siteId, pool("s3cret"))
    expect(await secretsOf(id)).toEqual([["s3cret"]])
    const used = await request(operator, [minerIds[0]!], pool(), id)
    expect(await secretsOf(used)).toEqual([["s3cret"]])
    const renamed = await request(operator, [minerIds[1]!], pool(undefined, "other.{worker}"), id)
    expect(await secretsOf(renamed)).toEqual([["s3cret"]])
    const typed = await request(operator, [minerIds[2]!], pool("typed"), id)
    expect(await secretsOf(typed)).toEqual([["typed"]])

    const deleted = await deleteTemplate(farm.as(operator), { templateId: id })
    expect(deleted.name).toMatch(/^t /)
    expect(await secretsOf(id)).toEqual([])
    expect(await secretsOf(used)).toEqual([["s3cret"]])
    await expect(readTemplate(farm.as(operator), { templateId: id })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    await expect(request(operator, [minerIds[0]!], pool(), id)).rejects.toMatchObject({ code: "NOT_FOUND" })
  })

  it("its passwords go to its own pools and site only", async () => {
    const { siteId, operator, admin, minerIds } = await setUp()
    const other = await setUp()
    const { id } = await save(operator, siteId, pool("s3cret"))
    const evil = "stratum+tcp://evil.example:3333"
    const two = { type: "CHANGE_POOL", parameters: { pools: [...poolsOf(pool()), ...poolsOf(pool())] } }
    const half = { type: "CHANGE_POOL", parameters: { pools: [...poolsOf(pool()), ...poolsOf(pool("new"))] } }
    for (const action of [pool(undefined, "acct.{worker}", evil), two, half])
      await expect(request(operator, [minerIds[0]!], action, id)).rejects.toMatchObject({ code: "INVALID" })
    await expect(request(admin, [other.minerIds[0]!], pool(), id)).rejects.toMatchObject({ code: "INVALID" })
    await expect(request(other.operator, [other.minerIds[0]!], pool(), id)).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    // Nor does an edit send them there.
    await expect(
      save(operator, siteId, pool(undefined, "acct.{worker}", evil), { id }),
    ).rejects.toMatchObject({
      code: "INVALID",
    })
    expect(await secretsOf(id)).toEqual([["s3cret"]])
  })

  it("an edit without the password keeps it; a collector of later has none", async () => {
    const { siteId, operator, minerIds } = await setUp()
    const { id } = await save(operator, siteId, pool("s3cret"))
    const { sql } = farm.database
    await save(operator, siteId, pool(undefined, "renamed.{worker}"), { id, name: "Renamed" })
    expect(await secretsOf(id)).toEqual([["s3cret"]])
    expect(await readTemplate(farm.as(operator), { templateId: id })).toMatchObject({ name: "Renamed" })

    const [late] = await sql<{ id: number }[]>`insert into edge_devices (site_id, name, public_key)
      values (${siteId}, 'late', ${DEVICE_KEY.x}) returning id`
    await sql`update hosting_miners set device_id = ${late!.id} where id = ${minerIds[0]!}`
    const look = (templateId?: string) =>
      previewCommand(farm.as(operator), {
        targets: { minerIds: minerIds.slice(0, 2) },
        action: pool(undefined, "renamed.{worker}"),
        templateId,
      })
    expect((await look(id)).targets.map((target) => target.reason).sort()).toEqual(["no_key", null].sort())
    expect((await look()).groups.cannot).toBe(0)
    expect((await readTemplate(farm.as(operator), { templateId: id })).keys).toEqual({
      sealed: 1,
      devices: 2,
    })

    await save(operator, siteId, pool("again", "renamed.{worker}"), { id })
    expect(await secretsOf(id)).toEqual([["again"], ["again"]])
    await save(operator, siteId, LED, { id })
    expect(await secretsOf(id)).toEqual([])
  })

  it("a collector that enrols again has a new key: what was sealed to its old one is wiped", async () => {
    const { siteId, operator, admin, device, minerIds } = await setUp()
    const { id } = await save(operator, siteId, pool("s3cret"))
    const { deviceId } = device
    const { code } = await createEnrollmentCode(farm.as(admin), { siteId, deviceName: "edge", deviceId })
    await enrollCollector(farm.as({ kind: "anonymous" }), {
      code,
      instance_id: randomUUID(),
      public_key: DEVICE_KEY.x,
      edge_version: "test",
    })
    expect(await secretsOf(id)).toEqual([])
    const used = await request(operator, [minerIds[0]!], pool(), id)
    expect(await secretsOf(used)).toEqual([])
    await save(operator, siteId, pool("again"), { id })
    expect(await secretsOf(id)).toEqual([["again"]])
  })
})

function poolsOf(action: Action): unknown[] {
  return (action.parameters as { pools: unknown[] }).pools
}

import { describe, expect, it } from "vitest"
import { openSealed, SEAL_PURPOSES } from "#server/sealed-box.ts"
import { readEdgeConfig } from "../collectors/read-edge-config.ts"
import { previewCommand } from "../commands/preview-command.ts"
import { saveTemplate } from "../commands/templates/save-template.ts"
import { DEVICE_KEY } from "../commands/test/farm.ts"
import { type Staffed, usePlane } from "../commands/test/plane.ts"
import { listCredentials } from "./list-credentials.ts"
import { setCredential } from "./set-credential.ts"

const PASSWORD = "n3w-machine-word"
const LOGIN = { type: "SET_LOGIN", parameters: { password: PASSWORD } } as const

describe("SET_LOGIN", () => {
  const plane = usePlane()
  const { farm } = plane
  const open = (sealed: string) => JSON.parse(openSealed(DEVICE_KEY, SEAL_PURPOSES.login, sealed))
  const config = async ({ device }: Staffed) => {
    const answer = await readEdgeConfig(farm.as(device), { have_version: 999_999 })
    if (answer.unchanged) throw new Error("no configuration")
    return answer
  }
  const answerOf = (
    row: Parameters<typeof plane.answer>[0],
    code: 0 | 1 | 2 | 5,
    username: unknown = "root",
  ) => ({ ...plane.answer(row, code), after: code === 0 ? { username } : null })
  const machines = async ({ admin, siteId }: Staffed) =>
    (await listCredentials(farm.as(admin), { siteId })).machines.rows

  it("A23 goes sealed to the collectors; its password is stored nowhere else", async () => {
    const site = await plane.setUp()
    await plane.start(site.admin, site.minerIds, LOGIN)
    const [lease] = await plane.lease(site.device)
    expect(lease).toMatchObject({ type: "SET_LOGIN", parameters: {} })
    expect(open(lease!.sealed!)).toEqual({ passwords: [PASSWORD] })
    const rows = await farm.database.sql`
      select c::text from remote_commands c union all select e::text from miner_commands e
      union all select s::text from sealed_secrets s union all select a::text from audit_log a
      union all select j.data::text from pgboss.job j`
    expect(JSON.stringify(rows)).not.toContain(PASSWORD)
  })

  it("the machines that took it have it as their own login from then on, each once; the others have none", async () => {
    const site = await plane.setUp()
    await setCredential(farm.as(site.admin), {
      siteId: site.siteId,
      subject: { scope: "miner", minerId: site.minerIds[0]! },
      username: "old",
      password: "old",
    })
    const { version } = await config(site)
    const command = await plane.start(site.admin, site.minerIds, LOGIN)
    const leases = await plane.lease(site.device)
    const [a, b, c, d] = leases as [
      (typeof leases)[0],
      (typeof leases)[0],
      (typeof leases)[0],
      (typeof leases)[0],
    ]
    const answers = [answerOf(a, 0), answerOf(b, 0, "\u0000"), answerOf(c, 1), answerOf(d, 5)]
    await plane.record(site.device, answers)
    await plane.record(site.device, answers)
    expect((await plane.standing(command)).status).toBe("FAILED")
    const next = await config(site)
    expect(next.version).toBe(version + 1)
    expect(
      next.credentials?.map(({ miner_id, username, version, sealed }) => [
        miner_id,
        username,
        version,
        open(sealed),
      ]),
    ).toEqual([
      [a.miner_id, "root", 2, { passwords: [PASSWORD] }],
      [b.miner_id, "", 1, { passwords: [PASSWORD] }],
    ])
    expect(await machines(site)).toMatchObject([
      { username: "root", commandId: command.id, missingAt: [] },
      { username: "", commandId: command.id },
    ])
    const [left] = await farm.database.sql<{ n: number }[]>`
      select count(*)::int as n from sealed_secrets where subject_id = ${command.id}`
    expect(left?.n).toBe(0)
    expect((await plane.auditOf(site.siteId)).filter((action) => action === "login.stored")).toHaveLength(1)
    const audit = await farm.database.sql`select a::text from audit_log a`
    expect(JSON.stringify(audit)).not.toContain(PASSWORD)
  })

  it("decision 16: waits for a second person, and is nothing for technicians, clients and templates", async () => {
    const site = await plane.setUp({ client_commands_allowed: true })
    const { siteId, minerIds } = site
    const operator = await farm.makeUser("operator", siteId)
    expect(await plane.request(operator, [minerIds[0]!], LOGIN)).toMatchObject({ status: "PENDING_APPROVAL" })
    for (const role of ["technician", "client"] as const) {
      const actor = await farm.makeUser(role, siteId, role === "client" ? [minerIds[1]!] : [])
      await expect(plane.request(actor, [minerIds[1]!], LOGIN)).rejects.toMatchObject({ code: "FORBIDDEN" })
    }
    const template = saveTemplate(farm.as(operator), { siteId, name: "night", action: LOGIN })
    await expect(template).rejects.toMatchObject({ code: "INVALID" })
  })

  it("is looked at without its password, and asked for with a good one only", async () => {
    const { admin, minerIds } = await plane.setUp()
    const preview = await previewCommand(farm.as(admin), {
      targets: { minerIds },
      action: { type: "SET_LOGIN", parameters: {} },
    })
    expect(preview).toMatchObject({ total: 4, groups: { will_run: 4 } })
    for (const parameters of [
      {},
      { password: "" },
      { password: "two words" },
      { password: "x".repeat(65) },
      { password: "ok", username: "" },
    ])
      await expect(plane.request(admin, minerIds, { type: "SET_LOGIN", parameters })).rejects.toMatchObject({
        code: "INVALID",
        message: expect.not.stringContaining("two words"),
      })
  })

  it("two open on one machine are in conflict: nobody could tell which password won", async () => {
    const { admin, minerIds } = await plane.setUp()
    await plane.start(admin, [minerIds[0]!], LOGIN)
    const { groups } = await previewCommand(farm.as(admin), {
      targets: { minerIds },
      action: { type: "SET_LOGIN", parameters: {} },
    })
    expect(groups).toMatchObject({ conflict: 1, will_run: 3 })
  })
})

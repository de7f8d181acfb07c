import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { Actor, UserActor } from "../access/actor.ts"
import { createContext } from "../context.ts"
import { approveCommand } from "./approve-command.ts"
import { countApprovals } from "./count-approvals.ts"
import { denyCommand } from "./deny-command.ts"
import { listApprovals } from "./list-approvals.ts"
import { requestCommand } from "./request-command.ts"
import { type FarmSite, useFarm, WORKER } from "./test/farm.ts"

type Input = Parameters<typeof requestCommand>[1]
const SOFT = { type: "REBOOT", parameters: { mode: "soft" } }
const HARD = { type: "REBOOT", parameters: { mode: "hard" } }
const changePool = (worker_name: string) => ({
  type: "CHANGE_POOL",
  parameters: { pools: [{ url: "stratum+tcp://new.example:3333", worker_name, password: "s3cret" }] },
})

describe("approval (A14 A15 A27 A29, contradictions 8 to 10)", () => {
  const farm = useFarm()

  type People = FarmSite & Record<"admin" | "manager" | "other" | "operator", UserActor>
  const setUp = async (settings?: Record<string, unknown>): Promise<People> => {
    const site = await farm.makeSite(settings)
    return {
      ...site,
      admin: await farm.makeUser("admin", site.siteId),
      manager: await farm.makeUser("site_manager", site.siteId),
      other: await farm.makeUser("site_manager", site.siteId),
      operator: await farm.makeUser("operator", site.siteId),
    }
  }
  const propose = async (actor: Actor, minerIds: number[], action: Input["action"] = SOFT) => {
    const { commands } = await requestCommand(farm.as(actor), {
      requestId: randomUUID(),
      targets: { minerIds },
      action,
    })
    const [row] = await farm.database.sql<{ fingerprint: string }[]>`
      select fingerprint from remote_commands where id = ${commands[0]!.id}`
    expect(commands[0]?.status).toBe("PENDING_APPROVAL")
    return { commandId: commands[0]!.id, fingerprint: row!.fingerprint }
  }
  const stored = async (id: string) =>
    (await farm.database.sql`select * from remote_commands where id = ${id}`)[0] as Record<string, unknown>
  const jobsOf = (id: string) =>
    farm.database.sql`select 1 from pgboss.job where name = 'command.dispatch' and data->>'commandId' = ${id}`
  const auditOf = async (id: string) =>
    farm.database.sql`select action, user_id from audit_log where subject_id = ${id} order by id`

  it("needs a second person who holds the right at that site, and then runs", async () => {
    const { manager, operator, admin, minerIds } = await setUp()
    const wait = await propose(operator, minerIds)
    const technician = await farm.makeUser("technician", (await farm.makeSite()).siteId)
    const stranger = await farm.makeUser("site_manager", (await farm.makeSite()).siteId)
    const code = (actor: Actor) =>
      approveCommand(farm.as(actor), wait).then(
        () => null,
        (error: { code: string }) => error.code,
      )
    expect(await code(operator)).toBe("FORBIDDEN")
    expect(await code(technician)).toBe("NOT_FOUND")
    expect(await code(stranger)).toBe("NOT_FOUND")
    expect(await code(WORKER)).toBe("UNAUTHENTICATED")
    expect(await code({ kind: "anonymous" })).toBe("UNAUTHENTICATED")
    expect(await jobsOf(wait.commandId)).toHaveLength(0)
    expect(await approveCommand(farm.as(manager), wait)).toEqual({ status: "QUEUED" })
    expect(await jobsOf(wait.commandId)).toHaveLength(1)
    expect(await stored(wait.commandId)).toMatchObject({
      status: "QUEUED",
      approved_by: manager.userId,
      approved_at: farm.clock.now,
    })
    expect(await auditOf(wait.commandId)).toMatchObject([
      { action: "command.request", user_id: operator.userId },
      { action: "command.await-approval" },
      { action: "command.approve", user_id: manager.userId },
    ])
    expect(await code(admin)).toBe("CONFLICT")
  })

  it("nobody decides on his own request: not in a second session, not by the API, not through a schedule", async () => {
    const { manager, minerIds, other } = await setUp()
    const wait = await propose(manager, minerIds)
    const ways: [Actor, "manual" | "api" | "scheduled" | "automatic"][] = [
      [manager, "manual"],
      [{ ...manager, sessionId: randomUUID(), email: "alias@x.test" }, "manual"],
      [{ ...manager, globalRole: "admin" }, "manual"],
      [manager, "api"],
      [manager, "scheduled"],
      [manager, "automatic"],
    ]
    for (const [actor, source] of ways) {
      const ctx = () => createContext(farm.services(), { actor, requestId: randomUUID(), source })
      await expect(approveCommand(ctx(), wait)).rejects.toMatchObject({ code: "FORBIDDEN" })
      await expect(denyCommand(ctx(), { commandId: wait.commandId, reason: "mine" })).rejects.toMatchObject({
        code: "FORBIDDEN",
      })
    }
    // What a schedule asked for in somebody's name is his own request too.
    const ctx = createContext(farm.services(), {
      actor: manager,
      requestId: randomUUID(),
      source: "scheduled",
    })
    const { commands } = await requestCommand(ctx, {
      requestId: randomUUID(),
      targets: { minerIds },
      action: SOFT,
    })
    const scheduled = commands[0]!.id
    const { fingerprint } = (await stored(scheduled)) as { fingerprint: string }
    await expect(
      approveCommand(farm.as(manager), { commandId: scheduled, fingerprint }),
    ).rejects.toMatchObject({ code: "FORBIDDEN" })
    await approveCommand(farm.as(other), { commandId: scheduled, fingerprint })
  })

  it("the two-person rule binds admins: another one has to agree", async () => {
    const { admin, siteId, minerIds } = await setUp({ two_person_rule: true })
    const wait = await propose(admin, [minerIds[0]!], HARD)
    expect((await stored(wait.commandId)).approval_reasons).toEqual(["dangerous", "two_person"])
    await expect(approveCommand(farm.as(admin), wait)).rejects.toMatchObject({ code: "FORBIDDEN" })
    await approveCommand(farm.as(await farm.makeUser("admin", siteId)), wait)
  })

  it("decision 14: the right counts at the moment of approval, whatever the session was read with", async () => {
    const { manager, other, siteId, operator, minerIds, admin } = await setUp()
    const { sql } = farm.database
    const wait = await propose(operator, minerIds)
    await sql`delete from site_memberships where user_id = ${manager.userId} and site_id = ${siteId}`
    await expect(approveCommand(farm.as(manager), wait)).rejects.toMatchObject({ code: "FORBIDDEN" })
    await sql`update site_memberships set role = 'operator' where user_id = ${other.userId}`
    await expect(
      denyCommand(farm.as(other), { commandId: wait.commandId, reason: "x" }),
    ).rejects.toMatchObject({ code: "FORBIDDEN" })
    await sql`update user_access set disabled_at = now() where id = ${admin.userId}`
    await expect(approveCommand(farm.as(admin), wait)).rejects.toMatchObject({ code: "FORBIDDEN" })
    expect((await stored(wait.commandId)).status).toBe("PENDING_APPROVAL")
  })

  it("approves what was seen: another fingerprint, or a command changed since, is refused", async () => {
    const { manager, operator, minerIds } = await setUp()
    const { sql } = farm.database
    const wait = await propose(operator, minerIds.slice(0, 2), changePool("acct.1"))
    const approve = (fingerprint = wait.fingerprint) =>
      approveCommand(farm.as(manager), { commandId: wait.commandId, fingerprint })
    await expect(approve("0".repeat(64))).rejects.toMatchObject({ code: "CONFLICT" })
    await expect(approve("")).rejects.toMatchObject({ code: "CONFLICT" })

    const tampered = [
      [
        sql`update remote_commands set target_ids = target_ids || ${minerIds[2]!}::int where id = ${wait.commandId}`,
        sql`update remote_commands set target_ids = ${minerIds.slice(0, 2)}::int[] where id = ${wait.commandId}`,
      ],
      [
        sql`update remote_commands set parameters = jsonb_set(parameters, '{pools,0,worker_name}', '"thief.1"')
          where id = ${wait.commandId}`,
        sql`update remote_commands set parameters = jsonb_set(parameters, '{pools,0,worker_name}', '"acct.1"')
          where id = ${wait.commandId}`,
      ],
      [
        sql`update sealed_secrets set sealed = sealed || 'x' where subject_id = ${wait.commandId}`,
        sql`update sealed_secrets set sealed = left(sealed, -1) where subject_id = ${wait.commandId}`,
      ],
    ] as const
    for (const [change, undo] of tampered) {
      await change
      await expect(approve()).rejects.toMatchObject({ code: "CONFLICT", message: /changed/ })
      await undo
    }
    expect(await jobsOf(wait.commandId)).toHaveLength(0)
    expect(await approve()).toEqual({ status: "QUEUED" })
  })

  it("is decided once when two decide at once", async () => {
    const { manager, other, admin, operator, minerIds } = await setUp()
    const wait = await propose(operator, minerIds)
    const outcomes = await Promise.allSettled([
      approveCommand(farm.as(manager), wait),
      approveCommand(farm.as(other), wait),
      denyCommand(farm.as(admin), { commandId: wait.commandId, reason: "no" }),
    ])
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "CONFLICT" })
    const { status } = await stored(wait.commandId)
    expect(await jobsOf(wait.commandId)).toHaveLength(status === "QUEUED" ? 1 : 0)
  })

  it("contradiction 10: a denial is CANCELLED with who and why, its targets SKIPPED, its secrets wiped", async () => {
    const { manager, operator, minerIds } = await setUp()
    const { commandId } = await propose(operator, minerIds, changePool("acct.1"))
    const { sql } = farm.database
    await expect(denyCommand(farm.as(manager), { commandId, reason: " " })).rejects.toMatchObject({
      code: "INVALID",
    })
    await denyCommand(farm.as(manager), { commandId, reason: "not now" })
    expect(await stored(commandId)).toMatchObject({
      status: "CANCELLED",
      denied_by: manager.userId,
      deny_reason: "not now",
      outcome: "Denied: not now",
      skipped_count: 4,
      finished_at: farm.clock.now,
    })
    const results = await sql`select distinct result_status, result_code, skip_reason, result_message
      from remote_command_results where command_id = ${commandId}`
    expect([...results]).toEqual([
      {
        result_status: "SKIPPED",
        result_code: 2,
        skip_reason: "denied",
        result_message: "The request was denied.",
      },
    ])
    expect(await sql`select 1 from sealed_secrets where subject_id = ${commandId}`).toHaveLength(0)
    expect((await auditOf(commandId)).at(-1)).toMatchObject({
      action: "command.deny",
      user_id: manager.userId,
    })
  })

  it("a request of 24 hours can no longer be approved", async () => {
    const { manager, operator, minerIds } = await setUp()
    const wait = await propose(operator, minerIds)
    farm.clock.advance(24 * 3_600_000)
    await expect(approveCommand(farm.as(manager), wait)).rejects.toMatchObject({ code: "CONFLICT" })
    expect(await jobsOf(wait.commandId)).toHaveLength(0)
  })

  it("A14 the inbox shows what to look at and sends its fingerprint back, to those who may see it", async () => {
    const { manager, operator, other, siteId, minerIds } = await setUp({ client_commands_allowed: true })
    const { sql } = farm.database
    await sql`update miner_telemetry_live set pool_url = 'stratum+tcp://old:1', worker_name = 'bob.' || miner_id
      where site_id = ${siteId}`
    const client = await farm.makeUser("client", siteId, [minerIds[0]!])
    const wait = await propose(operator, minerIds, changePool("acct.{worker}"))
    const own = await propose(manager, [minerIds[1]!], HARD)

    const inbox = await listApprovals(farm.as(manager))
    expect(await countApprovals(farm.as(manager))).toBe(2)
    const row = inbox.find((approval) => approval.id === wait.commandId)
    expect(row).toMatchObject({
      fingerprint: wait.fingerprint,
      requestedBy: operator.userId,
      targets: 4,
      action: {
        type: "CHANGE_POOL",
        parameters: {
          pools: [{ url: "stratum+tcp://new.example:3333", worker_name: "acct.{worker}" }],
        },
      },
      pools: [
        {
          oldUrl: "stratum+tcp://old:1",
          oldWorker: "bob.*",
          newUrl: "stratum+tcp://new.example:3333",
          newWorker: "acct.*",
          count: 4,
          owned: 1,
          leavesAccount: true,
        },
      ],
      can: { approve: true, deny: true },
    })
    expect(JSON.stringify(inbox)).not.toContain("s3cret")
    expect(inbox.find((approval) => approval.id === own.commandId)).toMatchObject({
      pools: null,
      can: { approve: false, deny: false },
    })
    expect((await listApprovals(farm.as(operator))).map((approval) => approval.can.approve)).toEqual([
      false,
      false,
    ])
    const his = await listApprovals(farm.as(client))
    expect(his).toMatchObject([{ id: wait.commandId, targets: 1, pools: [{ count: 1, owned: 1 }] }])
    expect(
      await countApprovals(farm.as(await farm.makeUser("site_manager", (await farm.makeSite()).siteId))),
    ).toBe(0)

    await approveCommand(farm.as(other), { commandId: wait.commandId, fingerprint: row!.fingerprint })
    expect(await countApprovals(farm.as(manager))).toBe(1)
  })
})

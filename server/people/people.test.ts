import { describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import { createClock, createFixtures } from "#db/test/fixtures.ts"
import { readAccountLink } from "../auth/read-account-link.ts"
import { readSession } from "../auth/read-session.ts"
import { hashSecret } from "../auth/secret-token.ts"
import { setPasswordByLink } from "../auth/set-password-by-link.ts"
import { createAccountLink } from "./create-account-link.ts"
import { createUser } from "./create-user.ts"
import { listUsers } from "./list-users.ts"
import { readUser } from "./read-user.ts"
import { setUserDisabled } from "./set-user-disabled.ts"
import { updateUser } from "./update-user.ts"

describe("people", () => {
  const database = useDatabase({ max: 8 })
  const clock = createClock()
  const make = createFixtures(database, clock.now)
  const email = () => `${make.unique("new")}@example.com`
  const rolesOf = async (userId: number) =>
    (
      await database.sql<{ siteId: number; role: string }[]>`
        select site_id as "siteId", role from site_memberships where user_id = ${userId} order by site_id`
    ).map((row) => [row.siteId, row.role])
  const auditsOf = async (action: string, userId: number) =>
    (await make.audits(action)).filter((row) => row.subjectId === String(userId))

  describe("creating", () => {
    it("gives an account, its roles and a link that sets the password once, for 72 h", async () => {
      const siteId = await make.site()
      const admin = await make.user({ globalRole: "admin" })
      const address = email()
      const { userId, link } = await createUser(make.as(admin), {
        email: address.toUpperCase(),
        name: "Ann",
        memberships: [{ siteId, role: "operator" }],
      })
      expect(link.expiresAt.getTime() - clock.now().getTime()).toBe(72 * 3_600_000)
      expect(await readUser(make.as(admin), { userId })).toMatchObject({
        email: address,
        hasPassword: false,
        linkExpiresAt: link.expiresAt,
        memberships: [{ siteId, role: "operator" }],
        can: { editAccount: true, setGlobalRole: true, membershipSiteIds: null },
      })
      await setPasswordByLink(make.anonymous(), { token: link.token, newPassword: "a long password" })
      expect(await readUser(make.as(admin), { userId })).toMatchObject({
        hasPassword: true,
        linkExpiresAt: null,
      })
      expect(await auditsOf("user.create", userId)).toMatchObject([{ userId: admin.userId, siteId }])
      expect(await auditsOf("membership.set", userId)).toMatchObject([
        { siteId, after: { role: "operator" } },
      ])
      const kept = JSON.stringify(await database.sql`select * from audit_log, account_links`)
      expect(kept).not.toContain(link.token)
    })

    it("refuses an e-mail that is taken, also by two at once, and one that is none", async () => {
      const address = email()
      const both = await Promise.allSettled(
        [address, address.toUpperCase()].map((one) => createUser(make.system(), { email: one, name: "A" })),
      )
      expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"])
      await expect(createUser(make.system(), { email: address, name: "A" })).rejects.toMatchObject({
        code: "CONFLICT",
        details: [{ path: "email" }],
      })
      await expect(createUser(make.system(), { email: "ann", name: "A" })).rejects.toMatchObject({
        code: "INVALID",
      })
    })

    it("gives a client no role", async () => {
      const siteId = await make.site()
      const client = { email: email(), name: "C", account: "client" } as const
      await expect(
        createUser(make.system(), { ...client, memberships: [{ siteId, role: "operator" }] }),
      ).rejects.toMatchObject({ code: "INVALID" })
      await expect(createUser(make.system(), { ...client, globalRole: "admin" })).rejects.toMatchObject({
        code: "INVALID",
      })
    })

    it("is a manager's right at his sites, without global roles", async () => {
      const [mine, foreign] = [await make.site(), await make.site()]
      const manager = make.as(await make.user({ at: [[mine, "site_manager"]] }))
      const staff = (siteId: number, rest = {}) =>
        createUser(manager, {
          email: email(),
          name: "A",
          memberships: [{ siteId, role: "operator" }],
          ...rest,
        })
      const { userId } = await staff(mine)
      expect(await rolesOf(userId)).toEqual([[mine, "operator"]])
      await expect(staff(foreign)).rejects.toMatchObject({ code: "NOT_FOUND" })
      await expect(staff(mine, { globalRole: "admin" })).rejects.toMatchObject({ code: "FORBIDDEN" })
      await expect(staff(mine, { memberships: [] })).rejects.toMatchObject({ code: "INVALID" })
      expect(await database.sql`select 1 from site_memberships where site_id = ${foreign}`).toHaveLength(0)
      const client = await createUser(manager, { email: email(), name: "C", account: "client" })
      expect((await listUsers(manager, { kind: "client" })).map((row) => row.userId)).toEqual([client.userId])
    })

    it("is nobody else's", async () => {
      const siteId = await make.site()
      const input = { email: email(), name: "A", memberships: [{ siteId, role: "operator" as const }] }
      for (const role of ["operator", "technician", "auditor"] as const) {
        const ctx = make.as(await make.user({ at: [[siteId, role]] }))
        await expect(createUser(ctx, input)).rejects.toMatchObject({ code: "FORBIDDEN" })
        await expect(listUsers(ctx)).rejects.toMatchObject({ code: "FORBIDDEN" })
      }
      const auditor = make.as(await make.user({ globalRole: "auditor" }))
      await expect(createUser(auditor, input)).rejects.toMatchObject({ code: "FORBIDDEN" })
      const client = make.as({ ...(await make.user({ kind: "client" })), ownedSiteIds: [siteId] })
      await expect(listUsers(client)).rejects.toMatchObject({ code: "FORBIDDEN" })
      await expect(createUser(make.anonymous(), input)).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
    })
  })

  describe("a site manager", () => {
    it("sees the people of his sites, with their roles there only", async () => {
      const [mine, foreign] = [await make.site(), await make.site()]
      const me = await make.user({ at: [[mine, "site_manager"]] })
      const both = await make.user({
        at: [
          [mine, "operator"],
          [foreign, "site_manager"],
        ],
      })
      const stranger = await make.user({ at: [[foreign, "operator"]] })
      const rows = await listUsers(make.as(me))
      expect(rows.map((row) => row.userId).sort()).toEqual([me.userId, both.userId].sort())
      expect(rows.find((row) => row.userId === both.userId)?.memberships).toMatchObject([{ siteId: mine }])
      await expect(readUser(make.as(me), { userId: stranger.userId })).rejects.toMatchObject({
        code: "NOT_FOUND",
      })
      for (const act of [
        () => updateUser(make.as(me), { userId: stranger.userId, name: "X" }),
        () =>
          updateUser(make.as(me), {
            userId: stranger.userId,
            memberships: [{ siteId: mine, role: "operator" }],
          }),
        () => setUserDisabled(make.as(me), { userId: stranger.userId, disabled: true }),
        () => createAccountLink(make.as(me), { userId: stranger.userId }),
      ])
        await expect(act()).rejects.toMatchObject({ code: "NOT_FOUND" })
    })

    it("changes roles at his sites and leaves the others", async () => {
      const [mine, foreign] = [await make.site(), await make.site()]
      const me = make.as(await make.user({ at: [[mine, "site_manager"]] }))
      const { userId } = await make.user({
        at: [
          [mine, "operator"],
          [foreign, "technician"],
        ],
      })
      await updateUser(me, { userId, memberships: [{ siteId: mine, role: "technician" }] })
      expect(await rolesOf(userId)).toEqual([
        [mine, "technician"],
        [foreign, "technician"],
      ])
      await updateUser(me, { userId, memberships: [] })
      expect(await rolesOf(userId)).toEqual([[foreign, "technician"]])
      expect(await auditsOf("membership.end", userId)).toMatchObject([
        { siteId: mine, before: { role: "technician" } },
      ])
      await expect(readUser(me, { userId })).rejects.toMatchObject({ code: "NOT_FOUND" })
    })

    it("has no power over the account of somebody with ties elsewhere", async () => {
      const [mine, foreign] = [await make.site(), await make.site()]
      const me = make.as(await make.user({ at: [[mine, "site_manager"]] }))
      const both = await make.user({
        at: [
          [mine, "operator"],
          [foreign, "site_manager"],
        ],
      })
      const client = await make.user({ kind: "client" })
      for (const siteId of [mine, foreign])
        await database.sql`insert into user_miners (site_id, miner_id, user_id, from_at, to_at)
          values (${siteId}, ${await make.miner(siteId)}, ${client.userId}, '2029-01-01', '2029-02-01')`
      for (const { userId } of [both, client]) {
        expect((await readUser(me, { userId })).can.editAccount).toBe(false)
        for (const act of [
          () => createAccountLink(me, { userId }),
          () => updateUser(me, { userId, email: email() }),
          () => setUserDisabled(me, { userId, disabled: true }),
        ])
          await expect(act()).rejects.toMatchObject({ code: "FORBIDDEN" })
      }
    })

    it("does not touch an admin, nor make one", async () => {
      const mine = await make.site()
      const me = make.as(await make.user({ at: [[mine, "site_manager"]] }))
      const admin = await make.user({ globalRole: "admin", at: [[mine, "operator"]] })
      const { userId } = await make.user({ at: [[mine, "operator"]] })
      for (const act of [
        () => updateUser(me, { userId: admin.userId, memberships: [] }),
        () => setUserDisabled(me, { userId: admin.userId, disabled: true }),
        () => createAccountLink(me, { userId: admin.userId }),
        () => updateUser(me, { userId, globalRole: "admin" }),
      ])
        await expect(act()).rejects.toMatchObject({ code: "FORBIDDEN" })
    })
  })

  describe("changing", () => {
    it("is audited, and an e-mail stays one person's", async () => {
      const admin = await make.user({ globalRole: "admin" })
      const [one, other] = [await make.user(), await make.user()]
      await updateUser(make.as(admin), { userId: one.userId, name: "Renamed", globalRole: "auditor" })
      expect(await auditsOf("user.update", one.userId)).toMatchObject([
        {
          userId: admin.userId,
          before: { globalRole: null },
          after: { name: "Renamed", globalRole: "auditor" },
        },
      ])
      await expect(
        updateUser(make.as(admin), { userId: one.userId, email: other.email.toUpperCase() }),
      ).rejects.toMatchObject({ code: "CONFLICT", details: [{ path: "email" }] })
      await expect(updateUser(make.as(admin), { userId: 999_999, name: "X" })).rejects.toMatchObject({
        code: "NOT_FOUND",
      })
    })
  })

  describe("disabling", () => {
    it("ends sessions and links at once; enabling brings neither back", async () => {
      const admin = make.as(await make.user({ globalRole: "admin" }))
      const { userId } = await make.user()
      const token = make.unique("session-token")
      await database.sql`insert into sessions (id, user_id, expires_at)
        values (${hashSecret(token)}, ${userId}, ${new Date(clock.now().getTime() + 1_000_000)})`
      const link = await createAccountLink(admin, { userId })
      expect(await readSession(make.services(), { token })).not.toBeNull()
      await setUserDisabled(admin, { userId, disabled: true })
      await expect(createAccountLink(admin, { userId })).rejects.toMatchObject({ code: "CONFLICT" })
      await setUserDisabled(admin, { userId, disabled: false })
      expect(await readSession(make.services(), { token })).toBeNull()
      expect(await readAccountLink(make.anonymous(), link)).toBeNull()
      expect(await auditsOf("user.disable", userId)).toMatchObject([{ details: { endedSessions: 1 } }])
      expect(await auditsOf("user.enable", userId)).toHaveLength(1)
    })

    it("is not for oneself", async () => {
      await make.user({ globalRole: "admin" })
      const me = await make.user({ globalRole: "admin" })
      await expect(setUserDisabled(make.as(me), { userId: me.userId, disabled: true })).rejects.toMatchObject(
        { code: "CONFLICT" },
      )
    })
  })

  it("a new link replaces the one before", async () => {
    const { userId } = await make.user()
    const first = await createAccountLink(make.system(), { userId })
    const second = await createAccountLink(make.system(), { userId })
    expect(await readAccountLink(make.anonymous(), first)).toBeNull()
    expect(await readAccountLink(make.anonymous(), second)).not.toBeNull()
    expect(await auditsOf("user.create-link", userId)).toHaveLength(2)
  })
})

describe("the last admin", () => {
  const database = useDatabase({ max: 8 })
  const make = createFixtures(database, createClock().now)
  const admins = async () =>
    (await database.sql`select id from user_access where global_role = 'admin' and disabled_at is null`).map(
      (row) => row.id,
    )

  it("stays, also when each of several demotes or disables another at once", async () => {
    const people = await Promise.all(Array.from({ length: 4 }, () => make.user({ globalRole: "admin" })))
    const tries = await Promise.allSettled(
      people.map((person, index) =>
        index % 2 === 0
          ? updateUser(make.as(people[(index + 1) % 4]!), { userId: person.userId, globalRole: null })
          : setUserDisabled(make.as(people[(index + 1) % 4]!), { userId: person.userId, disabled: true }),
      ),
    )
    expect(tries.filter((one) => one.status === "fulfilled")).toHaveLength(3)
    expect(tries.find((one) => one.status === "rejected")).toMatchObject({ reason: { code: "CONFLICT" } })
    const [last, ...others] = await admins()
    expect(others).toEqual([])
    await expect(updateUser(make.system(), { userId: last, globalRole: "auditor" })).rejects.toMatchObject({
      code: "CONFLICT",
    })
    await expect(setUserDisabled(make.system(), { userId: last, disabled: true })).rejects.toMatchObject({
      code: "CONFLICT",
    })
    await updateUser(make.system(), { userId: last, name: "Still here" })
  })
})

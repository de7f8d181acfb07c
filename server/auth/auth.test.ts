import { describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import { createClock, createFixtures } from "#db/test/fixtures.ts"
import { changePassword } from "./change-password.ts"
import { ensureFirstAdmin } from "./ensure-first-admin.ts"
import { logIn } from "./log-in.ts"
import { logOut } from "./log-out.ts"
import { hashPassword } from "./password.ts"
import { pruneSessions } from "./prune-sessions.ts"
import { readAccountLink } from "./read-account-link.ts"
import { readSession } from "./read-session.ts"
import { hashSecret } from "./secret-token.ts"
import { setPasswordByLink } from "./set-password-by-link.ts"

const DAY_MS = 24 * 3_600_000
const PASSWORD = "correct horse battery"
describe("auth", () => {
  const database = useDatabase({ max: 8 })
  const clock = createClock()
  const make = createFixtures(database, clock.now)

  let passwordHash: string | null = null
  async function person(is: Parameters<typeof make.user>[0] = {}) {
    passwordHash ??= await hashPassword(PASSWORD)
    return make.user({ passwordHash, ...is })
  }
  const open = (email: string, password = PASSWORD, address: string | null = null) =>
    logIn(make.anonymous(address), { email, password, userAgent: "test" })

  describe("a session", () => {
    it("carries all that its user may be", async () => {
      const [site, other] = [await make.site(), await make.site()]
      const user = await person({
        at: [
          [site, "site_manager"],
          [other, "operator"],
        ],
      })
      const { token, expiresAt } = await open(user.email.toUpperCase())
      expect(expiresAt.getTime() - clock.now().getTime()).toBeCloseTo(7 * DAY_MS, -3)
      const session = await readSession(make.services(), { token })
      expect(session?.fresh).toBe(false)
      expect(session?.actor).toMatchObject({ userId: user.userId, account: "staff", globalRole: null })
      expect([...(session?.actor.memberships ?? [])]).toEqual([
        [site, "site_manager"],
        [other, "operator"],
      ])
      expect(session?.actor.sessionId).toBe(hashSecret(token))
      expect(await make.audits("session.login")).toContainEqual(
        expect.objectContaining({ userId: user.userId, subjectId: String(user.userId) }),
      )
    })

    it("knows where a client owns machines now", async () => {
      const [now, past, future] = [await make.site(), await make.site(), await make.site()]
      const client = await person({ kind: "client" })
      const own = async (site: number, fromMs: number, toMs: number | null) => {
        const miner = await make.miner(site)
        const at = (ms: number | null) => (ms === null ? null : new Date(clock.now().getTime() + ms))
        await database.sql`insert into user_miners (site_id, miner_id, user_id, from_at, to_at)
        values (${site}, ${miner}, ${client.userId}, ${at(fromMs)}, ${at(toMs)})`
      }
      await own(now, -DAY_MS, null)
      await own(now, -DAY_MS, DAY_MS)
      await own(past, -DAY_MS, -1)
      await own(future, 1, null)
      const { token } = await open(client.email)
      const session = await readSession(make.services(), { token })
      expect(session?.actor.ownedSiteIds).toEqual([now])
    })

    it("is kept as a hash only", async () => {
      const user = await person()
      const { token } = await open(user.email)
      const rows = await database.sql`select * from sessions where user_id = ${user.userId}`
      expect(rows).toHaveLength(1)
      expect(JSON.stringify(rows)).not.toContain(token)
      expect(await readSession(make.services(), { token: String(rows[0]?.id) })).toBeNull()
    })

    it("slides over seven days and ends after seven days of rest", async () => {
      const user = await person()
      const { token } = await open(user.email)
      clock.advance(4 * DAY_MS)
      const slid = await readSession(make.services(), { token })
      expect(slid?.fresh).toBe(true)
      expect((slid?.expiresAt.getTime() ?? 0) - clock.now().getTime()).toBeCloseTo(7 * DAY_MS, -3)
      clock.advance(6 * DAY_MS)
      expect(await readSession(make.services(), { token })).not.toBeNull()
      clock.advance(7 * DAY_MS + 1_000)
      expect(await readSession(make.services(), { token })).toBeNull()
    })

    it("ends with its user's disabling, at once", async () => {
      const user = await person()
      const { token } = await open(user.email)
      await database.sql`update user_access set disabled_at = ${clock.now()} where id = ${user.userId}`
      expect(await readSession(make.services(), { token })).toBeNull()
      await expect(open(user.email)).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
    })

    it("ends with a log-out, audited", async () => {
      const user = await person()
      const { token } = await open(user.email)
      await logOut(make.as(user), { token })
      expect(await readSession(make.services(), { token })).toBeNull()
      expect(await make.audits("session.logout")).toContainEqual(
        expect.objectContaining({ userId: user.userId }),
      )
    })

    it("that is over is pruned", async () => {
      const user = await person()
      await open(user.email)
      clock.advance(8 * DAY_MS)
      expect((await pruneSessions(make.system())).sessions).toBeGreaterThan(0)
      expect(await database.sql`select 1 from sessions where user_id = ${user.userId}`).toHaveLength(0)
    })
  })

  describe("a failed log-in", () => {
    it("says the same whether the account exists, and never keeps the password", async () => {
      const user = await person()
      const wrong = await open(user.email, "wrong password").catch((error) => error)
      const unknown = await open("nobody@example.com", "wrong password").catch((error) => error)
      expect(wrong).toMatchObject({ code: "UNAUTHENTICATED" })
      expect(unknown.message).toBe(wrong.message)
      const audits = await make.audits("session.login-failed")
      expect(audits).toContainEqual(
        expect.objectContaining({
          subjectId: String(user.userId),
          details: { email: user.email, reason: "wrong password", lockedForS: 0 },
        }),
      )
      expect(JSON.stringify(audits)).not.toContain('wrong password"}')
    })

    it("does not keep what was typed instead of an address", async () => {
      await expect(open("hunter2hunter2")).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
      expect(JSON.stringify(await make.audits("session.login-failed"))).not.toContain("hunter2")
    })

    it("five times locks the account, known or not, longer each time, until a success", async () => {
      const user = await person()
      for (const email of [user.email, `${make.unique("ghost")}@example.com`]) {
        for (let n = 0; n < 5; n += 1)
          await expect(open(email, "wrong")).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
        await expect(open(email)).rejects.toMatchObject({
          code: "RATE_LIMITED",
          retryAfterS: 30,
          message: "Too many failed attempts to log in. Try again in 30 seconds.",
        })
        clock.advance(30_000)
        await expect(open(email, "wrong")).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
        await expect(open(email)).rejects.toMatchObject({ code: "RATE_LIMITED", retryAfterS: 60 })
        clock.advance(60_000)
      }
      await open(user.email)
      for (let n = 0; n < 4; n += 1)
        await expect(open(user.email, "wrong")).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
      await open(user.email)
    })

    it("cannot be tried more often by trying all at once", async () => {
      const user = await person()
      const tries = await Promise.allSettled(Array.from({ length: 12 }, () => open(user.email, "wrong")))
      const codes = tries.map((one) => (one.status === "rejected" ? one.reason.code : "opened"))
      expect(codes.filter((code) => code === "UNAUTHENTICATED")).toHaveLength(5)
      expect(codes.filter((code) => code === "RATE_LIMITED")).toHaveLength(7)
    })

    it("twenty times over many accounts locks the address, not the others", async () => {
      const user = await person()
      for (let n = 0; n < 20; n += 1)
        await expect(open(`a${n}@example.com`, "wrong", "10.1.1.1")).rejects.toMatchObject({
          code: "UNAUTHENTICATED",
        })
      await expect(open(user.email, PASSWORD, "10.1.1.1")).rejects.toMatchObject({ code: "RATE_LIMITED" })
      await open(user.email, PASSWORD, "10.1.1.2")
    })

    it("is forgotten after an hour", async () => {
      const user = await person()
      for (let n = 0; n < 4; n += 1) await open(user.email, "wrong").catch(() => null)
      clock.advance(3_601_000)
      await open(user.email, "wrong").catch(() => null)
      await open(user.email)
    })
  })

  describe("a password", () => {
    it("is changed by its owner, which ends his other sessions", async () => {
      const user = await person()
      const [here, elsewhere] = [await open(user.email), await open(user.email)]
      const actor = (await readSession(make.services(), { token: here.token }))!.actor
      const newPassword = "a better passphrase"
      await expect(
        changePassword(make.as(actor), { currentPassword: "not it", newPassword }),
      ).rejects.toMatchObject({ code: "INVALID", details: [{ path: "currentPassword" }] })
      const changed = await changePassword(make.as(actor), { currentPassword: PASSWORD, newPassword })
      expect(changed.endedSessions).toBe(1)
      expect(await readSession(make.services(), { token: here.token })).not.toBeNull()
      expect(await readSession(make.services(), { token: elsewhere.token })).toBeNull()
      await expect(open(user.email)).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
      await open(user.email, newPassword)
      const audits = await make.audits("user.change-password")
      expect(audits).toContainEqual(expect.objectContaining({ userId: user.userId }))
      expect(JSON.stringify(audits)).not.toContain(newPassword)
    })

    it.each(["short", "         "])("is refused when it is %j", async (newPassword) => {
      const user = await person()
      await expect(
        changePassword(make.as(user), { currentPassword: PASSWORD, newPassword }),
      ).rejects.toMatchObject({ code: "INVALID", details: [{ path: "newPassword" }] })
    })

    it("is not the e-mail address, nor the old password", async () => {
      const user = await person()
      for (const newPassword of [user.email.toUpperCase(), PASSWORD])
        await expect(
          changePassword(make.as(user), { currentPassword: PASSWORD, newPassword }),
        ).rejects.toMatchObject({ code: "INVALID", details: [{ path: "newPassword" }] })
    })

    it("needs somebody who is logged in", async () => {
      await expect(
        changePassword(make.anonymous(), { currentPassword: PASSWORD, newPassword: "long enough" }),
      ).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
    })
  })

  describe("a one-time link", () => {
    async function link(userId: number, token: string) {
      await database.sql`insert into account_links (token_hash, user_id, expires_at)
      values (${hashSecret(token)}, ${userId}, ${new Date(clock.now().getTime() + 3 * DAY_MS)})`
    }

    it("sets the password once, of two at once one, and ends every session", async () => {
      const user = await person()
      const { token: session } = await open(user.email)
      const token = make.unique("link")
      await link(user.userId, token)
      expect(await readAccountLink(make.anonymous(), { token })).toEqual({
        email: user.email,
        name: user.name,
      })
      await expect(
        setPasswordByLink(make.anonymous(), { token, newPassword: "short" }),
      ).rejects.toMatchObject({
        code: "INVALID",
      })
      const both = await Promise.allSettled([
        setPasswordByLink(make.anonymous(), { token, newPassword: "first of the two" }),
        setPasswordByLink(make.anonymous(), { token, newPassword: "second of the two" }),
      ])
      expect(both.filter((one) => one.status === "fulfilled")).toHaveLength(1)
      expect(both.find((one) => one.status === "rejected")).toMatchObject({ reason: { code: "NOT_FOUND" } })
      expect(await readAccountLink(make.anonymous(), { token })).toBeNull()
      expect(await readSession(make.services(), { token: session })).toBeNull()
      expect(await make.audits("user.set-password-by-link")).toContainEqual(
        expect.objectContaining({ subjectId: String(user.userId) }),
      )
    })

    it("opens nothing after its time, for a disabled user, or when it is wrong", async () => {
      const user = await person()
      const token = make.unique("link")
      await link(user.userId, token)
      await database.sql`update user_access set disabled_at = ${clock.now()} where id = ${user.userId}`
      expect(await readAccountLink(make.anonymous(), { token })).toBeNull()
      await database.sql`update user_access set disabled_at = null where id = ${user.userId}`
      clock.advance(3 * DAY_MS)
      for (const wrong of [token, "made up"])
        await expect(
          setPasswordByLink(make.anonymous(), { token: wrong, newPassword: "long enough" }),
        ).rejects.toMatchObject({ code: "NOT_FOUND" })
    })
  })

  describe("the first admin", () => {
    it("is made once, also by two at once, and can log in with the password that was drawn", async () => {
      const email = `${make.unique("root")}@lamproom.local`
      const both = await Promise.all([
        ensureFirstAdmin(make.services(), { email }),
        ensureFirstAdmin(make.services(), { email }),
      ])
      expect(both.filter((one) => one.created)).toHaveLength(1)
      const password = both.find((one) => one.created)?.password
      await open(email, password ?? "")
      expect(await ensureFirstAdmin(make.services(), { email: "other@lamproom.local" })).toEqual({
        created: false,
        password: null,
      })
    })
  })
})

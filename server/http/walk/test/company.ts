import { randomBytes, randomUUID } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { ensurePartitions } from "#db/partitions.ts"
import type { TestDatabase } from "#db/test/database.ts"
import type { UserActor } from "#server/access/actor.ts"
import { openSessions } from "#server/auth/lucia.ts"
import { readSession } from "#server/auth/read-session.ts"
import { serializeSessionCookie } from "#server/auth/session-cookie.ts"
import { setPasswordByLink } from "#server/auth/set-password-by-link.ts"
import { buildApp } from "#server/cli/build-app.ts"
import { readConfig } from "#server/config.ts"
import { type Context, createContext, type Services } from "#server/context.ts"
import { type Role, SITE_ROLES, type SiteRole } from "#server/contract/permissions.ts"
import { createLog } from "#server/log.ts"
import { startWeb, type Web } from "#server/main.ts"
import { createUser } from "#server/people/create-user.ts"
import { openQueue } from "#server/queue.ts"
import { createVault } from "#server/vault.ts"
import { makeSite, type WalkSite } from "./site.ts"

/**
 * Two sites and one person in every role, all of them at site A only. What the others have at site A (another client's
 * machine, one that nobody owns) is foreign to the client; site B is foreign to everybody but the admin.
 */
export const NOW = new Date("2030-06-15T12:00:00Z")
/** What is stored before the walk is enciphered as the web process does. */
const SECRET = "a secret for the walk that is long enough"
export type Who = Role | "anonymous"
export const EVERYBODY: Who[] = ["anonymous", "admin", ...SITE_ROLES, "client"]

export type Company = {
  database: TestDatabase
  services: Services
  url: string
  /** What was logged at `error`: a page that failed. */
  failures: string[]
  a: WalkSite
  b: WalkSite
  users: Record<Role, UserActor>
  as: (actor: UserActor | "system") => Context
  /** The `Cookie` header of a new session. */
  newCookie: (who: Who) => Promise<string | null>
  cookies: Record<Who, string | null>
}
/** An account with a password; the others only have sessions. */
export const VISITOR = { email: "visitor@walk.test", password: "a long word of the visitor" }

export function useCompany(database: TestDatabase): Company {
  const company = { database, failures: [] } as unknown as Company
  const undo: (() => unknown)[] = []
  beforeAll(async () => {
    buildApp()
    await ensurePartitions(database.sql, NOW)
    const write = (line: string) => void company.failures.push(line)
    const log = createLog({ name: "walk", level: "error", destination: { write } })
    const queue = await openQueue({ databaseUrl: database.url, worker: false, log })
    undo.push(() => queue.stop())
    const services: Services = {
      sql: database.sql,
      db: database.db,
      queue,
      vault: createVault(SECRET),
      now: () => NOW,
      log,
    }
    const data = mkdtempSync(join(tmpdir(), "lamproom-walk-"))
    undo.push(() => rmSync(data, { recursive: true, force: true }))
    const flags = ["--port", "0", "--lamproom-data", data, "--lamproom-address-requests-per-minute", "0"]
    flags.push("--lamproom-trusted-proxies", "127.0.0.1", "--lamproom-secret", SECRET)
    const web: Web = await startWeb(readConfig(flags, {}), {
      log,
      now: () => NOW,
      database: { url: database.url, embedded: false, release: async () => {} },
    })
    undo.push(() => web.close())
    Object.assign(company, { services, url: web.url, as: contextMaker(services) })
    await settle(company)
  }, 180_000)
  afterAll(async () => {
    for (const step of undo.reverse()) await step()
  })
  return company
}

function contextMaker(services: Services): Company["as"] {
  return (actor) =>
    createContext(services, {
      actor: actor === "system" ? { kind: "system", name: "walk" } : actor,
      requestId: randomUUID(),
      address: "127.0.0.1",
    })
}

/** Everything that is there before the walk begins, made by verbs. */
async function settle(company: Company): Promise<void> {
  const system = company.as("system")
  const a = await makeSite(company, { slug: "alpha", name: "Alpha Works", statusPageEnabled: true })
  const b = await makeSite(company, { slug: "beta", name: "Beta Works", statusPageEnabled: false })
  const ids = {} as Record<Role, number>
  const staff = (role: SiteRole, siteId: number) =>
    createUser(system, {
      email: `${role}-${siteId}@walk.test`,
      name: `The ${role} of ${siteId}`,
      memberships: [{ siteId, role }],
    })
  const admin = { email: "admin@walk.test", name: "The admin", globalRole: "admin" } as const
  ids.admin = (await createUser(system, admin)).userId
  for (const role of SITE_ROLES) ids[role] = (await staff(role, a.id)).userId
  const client = { email: "client@walk.test", name: "The client", account: "client" } as const
  ids.client = (await createUser(system, client)).userId
  const manager = await staff("site_manager", b.id)
  const visitor = await createUser(system, { email: VISITOR.email, name: "Visitor", account: "client" })
  await setPasswordByLink(system, { token: visitor.link.token, newPassword: VISITOR.password })

  const userIds: Record<Who, number | null> = { ...ids, anonymous: null }
  company.newCookie = async (who) => {
    const userId = userIds[who]
    if (userId === null) return null
    const { token } = await openSessions(company.services).create(userId, {
      address: null,
      userAgent: "walk",
    })
    return serializeSessionCookie(token, { secure: false }).split(";")[0] ?? ""
  }
  const actorOf = async (userId: number): Promise<UserActor> => {
    const { token } = await openSessions(company.services).create(userId, {
      address: null,
      userAgent: "walk",
    })
    const session = await readSession(company.services, { token })
    if (!session) throw new Error(`user ${userId} has no session`)
    return session.actor
  }

  await a.furnish({ clientId: ids.client, requester: await actorOf(ids.operator) })
  await b.furnish({ clientId: null, requester: await actorOf(manager.userId) })
  company.users = Object.fromEntries(
    await Promise.all(Object.entries(ids).map(async ([role, id]) => [role, await actorOf(id)])),
  ) as Record<Role, UserActor>
  company.cookies = Object.fromEntries(
    await Promise.all(EVERYBODY.map(async (who) => [who, await company.newCookie(who)])),
  ) as Record<Who, string | null>
  Object.assign(company, { a, b })
}

export const publicKey = () => randomBytes(32).toString("base64url")

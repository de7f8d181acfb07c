import { randomUUID } from "node:crypto"
import type { Actor, UserActor } from "#server/access/actor.ts"
import { type Context, createContext, type Services } from "#server/context.ts"
import type { SiteRole } from "#server/contract/permissions.ts"
import { silentLog } from "#server/log.ts"
import type { Queue } from "#server/queue.ts"
import type { TestDatabase } from "./database.ts"

/** For verbs that never touch the queue: whoever does fails. */
const noQueue: Queue = {
  send: () => Promise.reject(new Error("this test has no queue")),
  work: () => Promise.reject(new Error("this test has no queue")),
  depths: () => Promise.reject(new Error("this test has no queue")),
  stop: async () => {},
}

/** A clock that stands until it is moved. */
export function createClock(start = "2030-05-01T12:00:00Z") {
  let at = new Date(start).getTime()
  return {
    now: () => new Date(at),
    advance: (ms: number) => {
      at += ms
    },
  }
}

/** Rows and contexts for tests of verbs; every name is unique, so tests of one file do not meet. */
export function createFixtures(database: TestDatabase, now: () => Date) {
  const services = (): Services => ({
    sql: database.sql,
    db: database.db,
    queue: noQueue,
    vault: null,
    now,
    log: silentLog,
  })
  const unique = (word: string) => `${word}-${randomUUID().slice(0, 8)}`

  const as = (actor: Actor, address: string | null = null): Context =>
    createContext(services(), { actor, requestId: randomUUID(), address })

  async function site(name = unique("site")): Promise<number> {
    const [row] = await database.sql<
      { id: number }[]
    >`insert into hosting_sites (slug, name) values (${name}, ${name}) returning id`
    return row!.id
  }

  async function user(
    is: {
      kind?: "staff" | "client"
      globalRole?: "admin" | "auditor" | null
      at?: [siteId: number, role: SiteRole][]
      passwordHash?: string | null
      email?: string
    } = {},
  ): Promise<UserActor> {
    const email = is.email ?? `${unique("user")}@example.com`
    const kind = is.kind ?? "staff"
    const globalRole = is.globalRole ?? null
    const [row] = await database.sql<{ id: number }[]>`
      insert into user_access (email, name, kind, global_role, password_hash)
      values (${email}, ${email}, ${kind}, ${globalRole}, ${is.passwordHash ?? null}) returning id`
    for (const [siteId, role] of is.at ?? [])
      await database.sql`insert into site_memberships (site_id, user_id, role) values (${siteId}, ${row!.id}, ${role})`
    return {
      kind: "user",
      userId: row!.id,
      email,
      name: email,
      account: kind,
      globalRole,
      memberships: new Map(is.at ?? []),
      ownedSiteIds: [],
      sessionId: null,
    }
  }

  async function miner(siteId: number, deviceId: number | null = null): Promise<number> {
    const [row] = await database.sql<{ id: number }[]>`
      insert into hosting_miners (site_id, miner_id, device_id) values (${siteId}, ${unique("miner")}, ${deviceId}) returning id`
    return row!.id
  }

  async function audits(action: string): Promise<Record<string, unknown>[]> {
    return database.sql<Record<string, unknown>[]>`
      select action, actor, user_id as "userId", site_id as "siteId", subject_type as "subjectType", subject_id as "subjectId",
        before, after, details, address from audit_log where action = ${action} order by id`
  }

  const system = () => as({ kind: "system", name: "test" })
  const anonymous = (address: string | null = null) => as({ kind: "anonymous" }, address)
  return { services, as, system, anonymous, site, user, miner, audits, unique }
}

import { and, eq, gt, isNull, lte, ne, sql } from "drizzle-orm"
import type { Executor, Sql } from "../client.ts"
import { accountLinks, enrollmentCodes, loginThrottle, sessions, userAccess } from "../schema/index.ts"

export type SessionAccount = {
  userId: number
  email: string
  name: string
  kind: "staff" | "client"
  globalRole: "admin" | "auditor" | null
  /** Pairs of site and role. */
  memberships: [number, "site_manager" | "operator" | "technician" | "auditor"][]
  ownedSiteIds: number[]
  expiresAt: Date
  address: string | null
  userAgent: string | null
}

/**
 * The session and all that its user may be, in one prepared statement: it runs with every request. Null when there is no
 * such session or its user is disabled. The sites a client owns at are found by stepping
 * from one to the next in the index, not by walking over all his machines.
 */
export async function findSession(client: Sql, id: string, at: Date): Promise<SessionAccount | null> {
  const [row] = await client<
    (Omit<SessionAccount, "memberships"> & {
      siteIds: number[]
      roles: SessionAccount["memberships"][0][1][]
    })[]
  >`
    select s.expires_at as "expiresAt", s.address, s.user_agent as "userAgent",
      u.id as "userId", u.email, u.name, u.kind, u.global_role as "globalRole",
      array(select m.site_id from site_memberships m where m.user_id = u.id order by m.site_id) as "siteIds",
      array(select m.role from site_memberships m where m.user_id = u.id order by m.site_id) as "roles",
      array(
        with recursive owned (site_id) as (
          (select o.site_id from user_miners o
            where u.kind = 'client' and o.user_id = u.id
              and o.from_at <= ${at} and (o.to_at is null or o.to_at > ${at})
            order by o.site_id limit 1)
          union all
          select (select o.site_id from user_miners o
            where o.user_id = u.id and o.site_id > owned.site_id
              and o.from_at <= ${at} and (o.to_at is null or o.to_at > ${at})
            order by o.site_id limit 1)
          from owned where owned.site_id is not null)
        select site_id from owned where site_id is not null) as "ownedSiteIds"
    from sessions s join user_access u on u.id = s.user_id
    where s.id = ${id} and u.disabled_at is null`
  if (!row) return null
  const { siteIds, roles, ...account } = row
  return { ...account, memberships: siteIds.map((siteId, index) => [siteId, roles[index]!]) }
}

export async function insertSession(executor: Executor, row: typeof sessions.$inferInsert): Promise<void> {
  await executor.insert(sessions).values(row)
}

export async function extendSession(executor: Executor, id: string, expiresAt: Date): Promise<void> {
  await executor.update(sessions).set({ expiresAt }).where(eq(sessions.id, id))
}

export async function deleteSession(executor: Executor, id: string): Promise<void> {
  await executor.delete(sessions).where(eq(sessions.id, id))
}

/** Ends the user's sessions, all of them or all but one. Returns how many ended. */
export async function deleteSessionsOf(
  executor: Executor,
  userId: number,
  except: string | null = null,
): Promise<number> {
  const ended = await executor
    .delete(sessions)
    .where(and(eq(sessions.userId, userId), except === null ? undefined : ne(sessions.id, except)))
    .returning({ id: sessions.id })
  return ended.length
}

export async function listSessionsOf(executor: Executor, userId: number) {
  return executor.select().from(sessions).where(eq(sessions.userId, userId))
}

export async function deleteExpiredSessions(executor: Executor, at: Date): Promise<number> {
  const gone = await executor
    .delete(sessions)
    .where(lte(sessions.expiresAt, at))
    .returning({ id: sessions.id })
  return gone.length
}

/** Deletes what time made useless: links and codes that ended before `endedBefore`, throttle rows untouched since. */
export async function deleteStaleSecrets(executor: Executor, endedBefore: Date): Promise<void> {
  await executor.delete(accountLinks).where(lte(accountLinks.expiresAt, endedBefore))
  await executor.delete(enrollmentCodes).where(lte(enrollmentCodes.expiresAt, endedBefore))
  await executor.delete(loginThrottle).where(lte(loginThrottle.updatedAt, endedBefore))
}

/** Makes the link the user's only one: earlier ones stop working. */
export async function replaceAccountLink(
  executor: Executor,
  link: { tokenHash: string; userId: number; createdBy: number | null; expiresAt: Date; at: Date },
): Promise<void> {
  await cancelAccountLinks(executor, link.userId, link.at)
  await executor.insert(accountLinks).values({ ...link, createdAt: link.at })
}

export async function cancelAccountLinks(executor: Executor, userId: number, at: Date): Promise<void> {
  await executor
    .update(accountLinks)
    .set({ usedAt: at })
    .where(and(eq(accountLinks.userId, userId), isNull(accountLinks.usedAt)))
}

/** The account that an unused link of an enabled user opens. */
export async function findAccountLink(executor: Executor, tokenHash: string, at: Date) {
  const [row] = await executor
    .select({ userId: userAccess.id, email: userAccess.email, name: userAccess.name })
    .from(accountLinks)
    .innerJoin(userAccess, eq(userAccess.id, accountLinks.userId))
    .where(
      and(
        eq(accountLinks.tokenHash, tokenHash),
        isNull(accountLinks.usedAt),
        gt(accountLinks.expiresAt, at),
        isNull(userAccess.disabledAt),
      ),
    )
  return row ?? null
}

/** Uses a link up; false when another call was first or its time is over. */
export async function useAccountLink(executor: Executor, tokenHash: string, at: Date): Promise<boolean> {
  const used = await executor
    .update(accountLinks)
    .set({ usedAt: at })
    .where(
      and(
        eq(accountLinks.tokenHash, tokenHash),
        isNull(accountLinks.usedAt),
        gt(accountLinks.expiresAt, at),
        sql`exists (select 1 from user_access u where u.id = ${accountLinks.userId} and u.disabled_at is null)`,
      ),
    )
    .returning({ userId: accountLinks.userId })
  return used.length === 1
}

import { and, eq, inArray, type SQL, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { siteMemberships, userAccess } from "../schema/people.ts"
import { intArray } from "./scope.ts"

/**
 * Which accounts a query may touch: all; or those with a role at the sites, the clients who own or owned machines
 * there, and the clients whom `creatorId` made.
 */
export type PeopleScope = { kind: "all" } | { kind: "sites"; siteIds: number[]; creatorId: number | null }

/** Condition on `user_access u`. */
function personInScope(scope: PeopleScope): SQL {
  if (scope.kind === "all") return sql`true`
  const siteIds = intArray(scope.siteIds)
  return sql`(exists (select 1 from site_memberships sm where sm.user_id = u.id and sm.site_id = any(${siteIds}))
    or u.kind = 'client' and (u.created_by = ${scope.creatorId}::int
      or exists (select 1 from user_miners um where um.user_id = u.id and um.site_id = any(${siteIds}))))`
}

const siteIn = (scope: PeopleScope, column: SQL) =>
  scope.kind === "all" ? sql`true` : sql`${column} = any(${intArray(scope.siteIds)})`

export type MembershipRow = { siteId: number; siteSlug: string; siteName: string; role: SiteRole }
type SiteRole = (typeof siteMemberships.$inferSelect)["role"]

export type PersonRow = {
  userId: number
  email: string
  name: string
  account: "staff" | "client"
  globalRole: "admin" | "auditor" | null
  disabled: boolean
  /** He has set a password; otherwise his link waits. */
  hasPassword: boolean
  /** Until when an unused one-time link opens his account. */
  linkExpiresAt: Date | null
  lastLoginAt: Date | null
  createdAt: Date
  /** At the sites of the scope. */
  memberships: MembershipRow[]
  /** Machines he owns now at the sites of the scope. */
  minerCount: number
}

/** People by name. `q` is looked for in name and e-mail. */
export async function listPeople(
  executor: Executor,
  scope: PeopleScope,
  filter: { q?: string | undefined; kind?: "staff" | "client" | undefined; userId?: number | undefined },
  at: Date,
): Promise<PersonRow[]> {
  const now = sql`${at.toISOString()}::timestamptz`
  const conditions = [personInScope(scope)]
  if (filter.userId !== undefined) conditions.push(sql`u.id = ${filter.userId}`)
  if (filter.kind) conditions.push(sql`u.kind = ${filter.kind}`)
  if (filter.q) conditions.push(sql`(u.name || ' ' || u.email) ilike ${`%${escapeLike(filter.q)}%`}`)
  const rows = await executor.execute<PersonRow>(sql`
    select u.id as "userId", u.email, u.name, u.kind as account, u.global_role as "globalRole",
      u.disabled_at is not null as disabled, u.password_hash is not null as "hasPassword",
      (select max(l.expires_at) from account_links l
        where l.user_id = u.id and l.used_at is null and l.expires_at > ${now}) as "linkExpiresAt",
      u.last_login_at as "lastLoginAt", u.created_at as "createdAt",
      coalesce((select jsonb_agg(jsonb_build_object('siteId', s.id, 'siteSlug', s.slug, 'siteName', s.name, 'role', m.role)
          order by lower(s.name), s.id)
        from site_memberships m join hosting_sites s on s.id = m.site_id
        where m.user_id = u.id and ${siteIn(scope, sql`m.site_id`)}), '[]'::jsonb) as memberships,
      (select count(*)::int from user_miners o where o.user_id = u.id and ${siteIn(scope, sql`o.site_id`)}
        and o.from_at <= ${now} and (o.to_at is null or o.to_at > ${now})) as "minerCount"
    from user_access u
    where ${sql.join(conditions, sql` and `)}
    order by lower(u.name), u.id`)
  return [...rows]
}

/** Ties of an account outside the sites: roles, and machines owned there at any time. */
export async function countTiesOutside(
  executor: Executor,
  userId: number,
  siteIds: readonly number[],
): Promise<number> {
  const [row] = await executor.execute<{ count: number }>(sql`
    select ((select count(*) from site_memberships m where m.user_id = ${userId} and m.site_id <> all(${intArray(siteIds)}))
      + (select count(*) from user_miners o where o.user_id = ${userId} and o.site_id <> all(${intArray(siteIds)})))::int as count`)
  return row?.count ?? 0
}

export async function listMemberships(executor: Executor, userId: number) {
  return executor
    .select({ siteId: siteMemberships.siteId, role: siteMemberships.role })
    .from(siteMemberships)
    .where(eq(siteMemberships.userId, userId))
    .orderBy(siteMemberships.siteId)
}

/** Sets roles at sites; the others stay as they are. */
export async function setMemberships(
  executor: Executor,
  userId: number,
  roles: { siteId: number; role: SiteRole }[],
  at: Date,
): Promise<void> {
  if (roles.length === 0) return
  await executor
    .insert(siteMemberships)
    .values(roles.map((one) => ({ ...one, userId, createdAt: at })))
    .onConflictDoUpdate({
      target: [siteMemberships.siteId, siteMemberships.userId],
      set: { role: sql`excluded.role` },
    })
}

export async function deleteMemberships(executor: Executor, userId: number, siteIds: number[]) {
  if (siteIds.length === 0) return
  await executor
    .delete(siteMemberships)
    .where(and(eq(siteMemberships.userId, userId), inArray(siteMemberships.siteId, siteIds)))
}

export async function updateAccount(
  executor: Executor,
  userId: number,
  changes: Partial<Pick<typeof userAccess.$inferInsert, "name" | "email" | "globalRole" | "disabledAt">>,
): Promise<void> {
  await executor.update(userAccess).set(changes).where(eq(userAccess.id, userId))
}

/** How many of these sites exist. */
export async function countSites(executor: Executor, siteIds: readonly number[]): Promise<number> {
  const [row] = await executor.execute<{ count: number }>(
    sql`select count(*)::int as count from hosting_sites where id = any(${intArray(siteIds)})`,
  )
  return row?.count ?? 0
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (letter) => `\\${letter}`)
}

export async function findUserName(executor: Executor, userId: number): Promise<string | null> {
  const rows = await executor.execute<{ name: string }>(
    sql`select name from user_access where id = ${userId}`,
  )
  return rows[0]?.name ?? null
}

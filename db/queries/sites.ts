import { and, asc, eq, isNull, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { hostingSites } from "../schema/sites.ts"
import { type Scope, siteInScope } from "./scope.ts"

export type Site = typeof hostingSites.$inferSelect

/** The sites of a scope, by name. */
export async function listSiteRows(executor: Executor, scope: Scope): Promise<Site[]> {
  return executor
    .select()
    .from(hostingSites)
    .where(and(siteInScope(scope, sql`${hostingSites.id}`), isNull(hostingSites.archivedAt)))
    .orderBy(asc(sql`lower(${hostingSites.name})`), asc(hostingSites.id))
}

export async function findSiteBySlug(executor: Executor, scope: Scope, slug: string): Promise<Site | null> {
  const [row] = await executor
    .select()
    .from(hostingSites)
    .where(and(siteInScope(scope, sql`${hostingSites.id}`), eq(hostingSites.slug, slug)))
  return row ?? null
}

export async function findSite(executor: Executor, siteId: number): Promise<Site | null> {
  const [row] = await executor.select().from(hostingSites).where(eq(hostingSites.id, siteId))
  return row ?? null
}

/** Reads a site and holds it against other changes until the transaction ends. */
export async function lockSite(executor: Executor, siteId: number): Promise<Site | null> {
  const [row] = await executor.select().from(hostingSites).where(eq(hostingSites.id, siteId)).for("update")
  return row ?? null
}

/** The new site, or null when its slug is taken. */
export async function insertSite(
  executor: Executor,
  row: typeof hostingSites.$inferInsert,
): Promise<Site | null> {
  const [made] = await executor
    .insert(hostingSites)
    .values(row)
    .onConflictDoNothing({ target: hostingSites.slug })
    .returning()
  return made ?? null
}

export async function updateSiteRow(
  executor: Executor,
  siteId: number,
  changes: Partial<typeof hostingSites.$inferInsert>,
): Promise<void> {
  await executor.update(hostingSites).set(changes).where(eq(hostingSites.id, siteId))
}

/** Something that `edge.config` sends changed: collectors of the site fetch it with their next heartbeat. */
export async function bumpConfigVersion(executor: Executor, siteId: number): Promise<void> {
  await executor
    .update(hostingSites)
    .set({ configVersion: sql`${hostingSites.configVersion} + 1` })
    .where(eq(hostingSites.id, siteId))
}

/** Whether the slug belongs to another site. */
export async function slugIsTaken(executor: Executor, slug: string, by: { otherThan: number }) {
  const [row] = await executor
    .select({ id: hostingSites.id })
    .from(hostingSites)
    .where(and(eq(hostingSites.slug, slug), sql`${hostingSites.id} <> ${by.otherThan}`))
  return row !== undefined
}

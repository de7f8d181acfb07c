import { and, desc, eq, gte, ilike, lt, or, type SQL, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { auditChain, auditLog } from "../schema/audit.ts"
import { hostingSites } from "../schema/sites.ts"
import { type Scope, siteInScope } from "./scope.ts"

export type AuditSource = (typeof auditLog.source.enumValues)[number]
export const AUDIT_SOURCES: readonly AuditSource[] = auditLog.source.enumValues

export type AuditFilter = {
  siteId?: number | undefined
  /** The whole `noun.verb`, or the noun alone. */
  action?: string | undefined
  /** Part of who it was. */
  actor?: string | undefined
  source?: AuditSource | undefined
  /** Part of anything that stands in the row. */
  q?: string | undefined
  from?: Date | undefined
  /** Exclusive. */
  to?: Date | undefined
}

/** Rows are kept for good: a count past this is not worth its time. */
export const AUDIT_COUNT_LIMIT = 10_000

/** Newest first. Rows without a site (accounts, log-ins) are for those who see everything. */
export async function listAuditRows(
  executor: Executor,
  scope: Scope,
  filter: AuditFilter,
  page: { limit: number; offset: number },
) {
  const where = condition(scope, filter)
  const rows = await selectRows(executor, where).limit(page.limit).offset(page.offset)
  const [counted] = await executor.execute<{ total: number }>(sql`
    select count(*)::int as total from (select 1 from ${auditLog} where ${where ?? sql`true`} limit ${AUDIT_COUNT_LIMIT + 1}) counted`)
  return { rows, total: counted?.total ?? 0 }
}

/** The next older rows after one, in the same order; null: from the newest. */
export async function selectAuditRowsAfter(
  executor: Executor,
  scope: Scope,
  filter: AuditFilter,
  after: { id: number } | null,
  limit: number,
) {
  // The row's own time, since a `Date` holds no microseconds.
  const older = after
    ? sql`(${auditLog.at}, ${auditLog.id}) < ((select at from audit_log where id = ${after.id}), ${after.id}::bigint)`
    : undefined
  return selectRows(executor, and(condition(scope, filter), older)).limit(limit)
}

function selectRows(executor: Executor, where: SQL | undefined) {
  return executor
    .select({
      id: auditLog.id,
      at: auditLog.at,
      actor: auditLog.actor,
      userId: auditLog.userId,
      source: auditLog.source,
      address: auditLog.address,
      requestId: auditLog.requestId,
      action: auditLog.action,
      siteId: auditLog.siteId,
      siteSlug: hostingSites.slug,
      siteName: hostingSites.name,
      subjectType: auditLog.subjectType,
      subjectId: auditLog.subjectId,
      before: sql<Record<string, unknown> | null>`${auditLog.before}`,
      after: sql<Record<string, unknown> | null>`${auditLog.after}`,
      details: sql<Record<string, unknown> | null>`${auditLog.details}`,
      /** Its place in the chain; null: it waits to be sealed. */
      place: auditChain.seq,
    })
    .from(auditLog)
    .leftJoin(hostingSites, eq(hostingSites.id, auditLog.siteId))
    .leftJoin(auditChain, eq(auditChain.auditId, auditLog.id))
    .where(where)
    .orderBy(desc(auditLog.at), desc(auditLog.id))
    .$dynamic()
}

function condition(scope: Scope, filter: AuditFilter): SQL | undefined {
  const parts: (SQL | undefined)[] = [siteInScope(scope, sql`${auditLog.siteId}`)]
  if (filter.siteId !== undefined) parts.push(eq(auditLog.siteId, filter.siteId))
  if (filter.action?.includes(".")) parts.push(eq(auditLog.action, filter.action))
  else if (filter.action) parts.push(ilike(auditLog.action, `${escapeLike(filter.action)}.%`))
  if (filter.actor) parts.push(ilike(auditLog.actor, `%${escapeLike(filter.actor)}%`))
  if (filter.source) parts.push(eq(auditLog.source, filter.source))
  if (filter.from) parts.push(gte(auditLog.at, filter.from))
  if (filter.to) parts.push(lt(auditLog.at, filter.to))
  if (filter.q) {
    const like = `%${escapeLike(filter.q)}%`
    parts.push(
      or(
        ...[
          auditLog.actor,
          auditLog.action,
          auditLog.subjectId,
          auditLog.subjectType,
          auditLog.address,
          auditLog.requestId,
        ].map((column) => ilike(column, like)),
        ...[auditLog.before, auditLog.after, auditLog.details].map(
          (column) => sql`${column}::text ilike ${like}`,
        ),
      ),
    )
  }
  return and(...parts)
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (letter) => `\\${letter}`)
}

import { type SQL, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"

/** A trigger tells here of new rows of `audit_log`, at their commit. */
export const AUDIT_CHANNEL = "lamproom_audit"

/**
 * The text of a row of `audit_log` that its seal covers, made by PostgreSQL so that every reader gets the same bytes:
 * a JSON array of all columns in the order of the table, as `jsonb` writes it; the time in UTC with microseconds,
 * whatever the session's settings. `a` is the row. Changing this breaks every chain there is.
 */
const ROW_TEXT = sql.raw(
  `jsonb_build_array(a.id, to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), a.user_id, a.actor, a.source,
  a.address, a.request_id, a.action, a.site_id, a.subject_type, a.subject_id, a.before, a.after, a.details)::text`,
)

const SEALING_LOCK = sql.raw("hashtext('lamproom-audit-seal')")

/** True when this transaction may seal: nobody else does until it ends. */
export async function tryLockSealing(executor: Executor): Promise<boolean> {
  const [row] = await executor.execute<{ mine: boolean }>(
    sql`select pg_try_advisory_xact_lock(${SEALING_LOCK}) as mine`,
  )
  return row?.mine ?? false
}

export type UnsealedRow = { auditId: number; text: string; sealed: boolean }

/** The oldest rows that wait to be sealed. `sealed`: the chain holds it already. One whose row is gone is left to wait. */
export async function selectUnsealed(executor: Executor, limit: number): Promise<UnsealedRow[]> {
  return executor.execute<UnsealedRow>(sql`
    select u.audit_id::float8 as "auditId", ${ROW_TEXT} as text, c.seq is not null as sealed
    from audit_unsealed u join audit_log a on a.id = u.audit_id left join audit_chain c on c.audit_id = u.audit_id
    order by u.audit_id limit ${limit}`)
}

export type ChainHead = { seq: number; hash: Buffer; sealedAt: Date }

export async function readChainHead(executor: Executor): Promise<ChainHead | null> {
  const [row] = await executor.execute<ChainHead>(
    sql`select seq::float8 as seq, hash, sealed_at as "sealedAt" from audit_chain order by audit_chain.seq desc limit 1`,
  )
  return row ? { ...row, sealedAt: new Date(row.sealedAt) } : null
}

export async function appendLinks(
  executor: Executor,
  links: { seq: number; auditId: number; hash: Buffer }[],
): Promise<void> {
  await executor.execute(sql`
    insert into audit_chain (seq, audit_id, hash)
    select seq, audit_id, decode(hash, 'hex') from jsonb_to_recordset(${JSON.stringify(
      links.map((link) => ({ seq: link.seq, audit_id: link.auditId, hash: link.hash.toString("hex") })),
    )}::jsonb) as t (seq bigint, audit_id bigint, hash text)`)
}

export async function deleteUnsealed(executor: Executor, auditIds: number[]): Promise<void> {
  await executor.execute(sql`
    delete from audit_unsealed where audit_id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(auditIds)}::jsonb))`)
}

/** A link with the text of its row as it is now; null: the row is gone. */
export type ChainLink = { seq: number; auditId: number; hash: Buffer; at: Date | null; text: string | null }

/** Links after a place, in order; null: from the first. */
export async function readLinks(
  executor: Executor,
  after: number | null,
  limit: number,
): Promise<ChainLink[]> {
  const rows = await executor.execute<ChainLink>(sql`
    select c.seq::float8 as seq, c.audit_id::float8 as "auditId", c.hash, a.at, case when a.id is not null then ${ROW_TEXT} end as text
    from (select * from audit_chain where ${after === null ? sql`true` : sql`seq > ${after}`} order by audit_chain.seq limit ${limit}) c
    left join audit_log a on a.id = c.audit_id order by c.seq`)
  return rows.map((row) => ({ ...row, at: row.at === null ? null : new Date(row.at) }))
}

export type Found = { count: number; auditIds: number[] }

/** Rows that neither stand in the chain nor wait for it. */
export const findForeignRows = (executor: Executor, most: number): Promise<Found> =>
  found(
    executor,
    sql`select a.id from audit_log a where not exists (select from audit_chain c where c.audit_id = a.id)
      and not exists (select from audit_unsealed u where u.audit_id = a.id)`,
    most,
  )

/** Rows older than `before` that still wait. */
export const findLateRows = (executor: Executor, before: Date, most: number): Promise<Found> =>
  found(
    executor,
    sql`select a.id from audit_unsealed u join audit_log a on a.id = u.audit_id where a.at < ${before.toISOString()}::timestamptz`,
    most,
  )

/** Rows that waited and are gone. */
export const findVanishedRows = (executor: Executor, most: number): Promise<Found> =>
  found(
    executor,
    sql`select u.audit_id as id from audit_unsealed u where not exists (select from audit_log a where a.id = u.audit_id)`,
    most,
  )

async function found(executor: Executor, ids: SQL, most: number): Promise<Found> {
  const rows = await executor.execute<{ id: number; count: number }>(sql`
    select id::float8 as id, count(*) over ()::float8 as count from (${ids}) ids order by ids.id limit ${most}`)
  return { count: rows[0]?.count ?? 0, auditIds: rows.map((row) => row.id) }
}

export async function countUnsealed(executor: Executor): Promise<number> {
  const [row] = await executor.execute<{ count: number }>(
    sql`select count(*)::float8 as count from audit_unsealed`,
  )
  return row?.count ?? 0
}

import { and, eq, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { userMiners } from "../schema/miners.ts"
import { intArray, minerInScope, type Scope, siteInScope } from "./scope.ts"

export const NO_OVERLAP = "user_miners_no_overlap"
const instant = (at: Date | null) => sql`${at?.toISOString() ?? null}::timestamptz`

/**
 * Lets changes of owners at these sites go one after the other until the transaction ends: two inserts that exclude each
 * other would wait for each other. Sites in ascending order.
 */
export async function lockOwnersAt(executor: Executor, siteIds: readonly number[]): Promise<void> {
  await executor.execute(sql`
    select pg_advisory_xact_lock(hashtext('lamproom-owners'), s.id)
    from (select unnest(${intArray(siteIds)}) as id order by 1) s`)
}

/** Those of the machines that the scope holds, with their sites. */
export async function findSitesOfMiners(
  executor: Executor,
  scope: Scope,
  minerIds: readonly number[],
  at: Date,
): Promise<{ minerId: number; siteId: number }[]> {
  const rows = await executor.execute<{ minerId: number; siteId: number }>(sql`
    select h.id as "minerId", h.site_id as "siteId" from hosting_miners h
    where h.id = any(${intArray(minerIds)}) and ${minerInScope(scope, sql`h.site_id`, sql`h.id`, at)}
    order by h.site_id, h.id`)
  return [...rows]
}

/** Machines and an instant from which their ownership changes. */
type Change = { siteIds: number[]; minerIds: number[]; fromAt: Date }
const ofMiners = ({ siteIds, minerIds }: Change) =>
  sql`o.site_id = any(${intArray(siteIds)}) and o.miner_id = any(${intArray(minerIds)})`

/** The ownerships of the machines that reach past the instant. */
export async function listOwnershipsPast(executor: Executor, change: Change) {
  const rows = await executor.execute<{
    minerId: number
    userId: number
    fromAt: Date
    toAt: Date | null
  }>(sql`
    select o.miner_id as "minerId", o.user_id as "userId", o.from_at as "fromAt", o.to_at as "toAt" from user_miners o
    where ${ofMiners(change)} and (o.to_at is null or o.to_at > ${instant(change.fromAt)})
    order by o.site_id, o.id`)
  return [...rows]
}

/** Ends what is under way at the instant. Returns how many ended. */
export async function closeOwnerships(executor: Executor, change: Change): Promise<number> {
  const rows = await executor.execute(sql`
    update user_miners o set to_at = ${instant(change.fromAt)}
    where ${ofMiners(change)} and o.from_at < ${instant(change.fromAt)}
      and (o.to_at is null or o.to_at > ${instant(change.fromAt)}) returning o.id`)
  return rows.length
}

/** Takes back ownerships that begin at the instant, or from it on. Returns how many. */
export async function deleteOwnershipsFrom(
  executor: Executor,
  change: Change,
  which: "that instant" | "from then on",
): Promise<number> {
  const begins =
    which === "that instant"
      ? sql`o.from_at = ${instant(change.fromAt)}`
      : sql`o.from_at >= ${instant(change.fromAt)}`
  const rows = await executor.execute(
    sql`delete from user_miners o where ${ofMiners(change)} and ${begins} returning o.id`,
  )
  return rows.length
}

/** One row a machine; breaks `NO_OVERLAP` when one of them has an owner in that time. */
export async function insertOwnerships(
  executor: Executor,
  own: {
    miners: { siteId: number; minerId: number }[]
    userId: number
    fromAt: Date
    toAt: Date | null
    createdBy: number | null
    at: Date
  },
): Promise<void> {
  await executor.execute(sql`
    insert into user_miners (site_id, miner_id, user_id, from_at, to_at, created_by, created_at)
    select m.site_id, m.miner_id, ${own.userId}::int, ${instant(own.fromAt)}, ${instant(own.toAt)},
      ${own.createdBy}::int, ${instant(own.at)}
    from unnest(${intArray(own.miners.map((miner) => miner.siteId))}, ${intArray(own.miners.map((miner) => miner.minerId))})
      as m (site_id, miner_id)`)
}

export async function findOwnership(executor: Executor, siteId: number, id: number) {
  const [row] = await executor
    .select()
    .from(userMiners)
    .where(and(eq(userMiners.siteId, siteId), eq(userMiners.id, id)))
  return row ?? null
}

export async function setOwnershipEnd(executor: Executor, siteId: number, id: number, toAt: Date) {
  await executor
    .update(userMiners)
    .set({ toAt })
    .where(and(eq(userMiners.siteId, siteId), eq(userMiners.id, id)))
}

export type OwnershipRow = {
  id: number
  siteId: number
  siteSlug: string
  siteName: string
  minerId: number
  /** What people call it, else its stable id. */
  minerLabel: string
  fromAt: Date
  toAt: Date | null
}

/** A client's ownerships at the sites of the scope, the latest end first, with how many there are in all. */
export async function listOwnerships(
  executor: Executor,
  scope: Scope,
  userId: number,
  limit: number,
): Promise<{ rows: OwnershipRow[]; total: number }> {
  const rows = await executor.execute<OwnershipRow & { total: number }>(sql`
    select o.id, o.site_id as "siteId", s.slug as "siteSlug", s.name as "siteName", o.miner_id as "minerId",
      coalesce(h.label, h.miner_id) as "minerLabel", o.from_at as "fromAt", o.to_at as "toAt",
      count(*) over ()::int as total
    from user_miners o join hosting_sites s on s.id = o.site_id
      join hosting_miners h on h.site_id = o.site_id and h.id = o.miner_id
    where o.user_id = ${userId} and ${siteInScope(scope, sql`o.site_id`)}
    order by o.to_at desc nulls first, lower(s.name), "minerLabel", o.from_at desc limit ${limit}`)
  return { rows: rows.map(({ total: _total, ...row }) => row), total: rows[0]?.total ?? 0 }
}

import { type SQL, sql } from "drizzle-orm"

/**
 * Which rows a query may touch. `owned`: machines that the user owns at the query's moment, at `siteIds` only.
 * Verbs make one with `scopeOf`; every query of site data takes it.
 */
export type Scope =
  | { kind: "all" }
  | { kind: "sites"; siteIds: number[] }
  | { kind: "owned"; userId: number; siteIds: number[] }

/** Condition on a `site_id` column. */
export function siteInScope(scope: Scope, siteId: SQL | { name: string }): SQL {
  if (scope.kind === "all") return sql`true`
  return sql`${siteId} = any(${intArray(scope.siteIds)})`
}

/** Condition on a machine's (`site_id`, `hosting_miners.id`): for a client, one he owns at `at`. */
export function minerInScope(
  scope: Scope,
  siteId: SQL | { name: string },
  minerId: SQL | { name: string },
  at: Date,
): SQL {
  if (scope.kind !== "owned") return siteInScope(scope, siteId)
  return sql`(${siteId} = any(${intArray(scope.siteIds)}) and exists (
    select 1 from user_miners um
    where um.site_id = ${siteId} and um.miner_id = ${minerId} and um.user_id = ${scope.userId}
      and um.from_at <= ${at.toISOString()}::timestamptz
      and (um.to_at is null or um.to_at > ${at.toISOString()}::timestamptz)))`
}

/** A bound array of integers. */
export function intArray(values: readonly number[]): SQL {
  return sql`${`{${values.map((value) => Math.trunc(value)).join(",")}}`}::int[]`
}

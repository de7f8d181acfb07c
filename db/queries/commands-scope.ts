import { type SQL, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { intArray } from "./scope.ts"

/** Which commands a reader may see. */
export type CommandScope =
  | { kind: "all" }
  /** `readSiteIds`: everything there; `ownSiteIds`: what the user requested himself. */
  | { kind: "staff"; userId: number | null; readSiteIds: number[]; ownSiteIds: number[] }
  /** Commands on machines that the client owned when they were requested; of their targets only those. */
  | { kind: "client"; userId: number; siteIds: number[] }

/** Condition on `remote_commands c`. */
export function commandInScope(scope: CommandScope): SQL {
  if (scope.kind === "all") return sql`true`
  if (scope.kind === "client")
    return sql`(c.site_id = any(${intArray(scope.siteIds)}) and exists (
      select 1 from remote_command_results r
      where r.site_id = c.site_id and r.command_id = c.id and ${resultInScope(scope)}))`
  return sql`(c.site_id = any(${intArray(scope.readSiteIds)})
    or (c.site_id = any(${intArray(scope.ownSiteIds)}) and c.requested_by = ${scope.userId}))`
}

/** Condition on `remote_command_results r` beside its command `c`. */
export function resultInScope(scope: CommandScope): SQL {
  if (scope.kind !== "client") return sql`true`
  return sql`exists (select 1 from user_miners um where um.site_id = c.site_id and um.user_id = ${scope.userId}
    and um.miner_id = r.miner_id and um.from_at <= c.requested_at and (um.to_at is null or um.to_at > c.requested_at))`
}

/** Leaves of `remote_command_results r` beside its command `c` what the reader may see: a join where it is a condition above. */
export function joinOwned(scope: CommandScope): SQL {
  if (scope.kind !== "client") return sql``
  // No machine has two owners at a time: nothing is found twice.
  return sql`join user_miners um on um.user_id = ${scope.userId} and um.site_id = r.site_id and um.miner_id = r.miner_id
    and um.from_at <= c.requested_at and (um.to_at is null or um.to_at > c.requested_at)`
}

export async function isCommandInScope(
  db: Executor,
  scope: CommandScope,
  command: { siteId: number; id: string },
): Promise<boolean> {
  const rows = await db.execute(sql`
    select 1 from remote_commands c where c.site_id = ${command.siteId} and c.id = ${command.id}::uuid
      and ${commandInScope(scope)}`)
  return rows.length > 0
}

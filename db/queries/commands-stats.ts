import { sql } from "drizzle-orm"
import type { CommandType } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { type CommandFilter, commandsMatching, countsOf } from "./commands-read.ts"
import type { CommandScope } from "./commands-scope.ts"

export type CommandTypeStats = {
  type: CommandType
  /** Commands; the rest of `total` was cancelled. */
  total: number
  successful: number
  /** Failed or expired. */
  failed: number
  /** Not ended. */
  pending: number
  /** Their targets, as far as the reader may see them. */
  targets: number
  targetsSucceeded: number
  /** Unknown outcomes too. */
  targetsFailed: number
}

/** By type, the most frequent first. */
export async function selectCommandStats(
  db: Executor,
  scope: CommandScope,
  filter: CommandFilter,
): Promise<CommandTypeStats[]> {
  return db.execute<CommandTypeStats>(sql`
    with c as (select c.* from ${commandsMatching(scope, filter).from})
    select c.command_type as type, count(*)::int as total,
      count(*) filter (where c.status = 'SUCCEEDED')::int as successful,
      count(*) filter (where c.status in ('FAILED', 'EXPIRED'))::int as failed,
      count(*) filter (where c.status in ('PENDING', 'PENDING_APPROVAL', 'QUEUED', 'RUNNING'))::int as pending,
      sum(n.targets)::int as targets, sum(n.succeeded)::int as "targetsSucceeded",
      sum(n.failed + n.unknown)::int as "targetsFailed"
    from c ${countsOf(scope)}
    group by c.command_type order by 2 desc, 1`)
}

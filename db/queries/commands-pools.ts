import { type SQL, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { type CommandScope, joinOwned } from "./commands-scope.ts"
import { minerInScope } from "./scope.ts"

/** Machines of a CHANGE_POOL that mined alike before: at one pool, for one account (a worker's name up to its first dot). */
export type PoolGroup = {
  oldUrl: string | null
  oldAccount: string | null
  /** Machines on which it was refused or skipped changed nothing and are left out. `before`: as the command found it; `live`: as it mines now, before the command; null: nobody knows. */
  seen: "before" | "live" | null
  count: number
  minerIds: number[]
}

const SAMPLE = 5

/** The pool that a slot of `before` or `after` names, as drivers report it: `{pools: [{url, user}]}`. */
export function poolUrl(state: SQL, slot: SQL): SQL {
  return sql`${state}->'pools'->${slot}->>'url'`
}
export function poolWorker(state: SQL, slot: SQL): SQL {
  return sql`${state}->'pools'->${slot}->>'user'`
}

/** The most frequent first. A client's machine counts as it mines now only while he owns it. */
export async function selectPoolGroups(
  db: Executor,
  scope: CommandScope,
  command: { siteId: number; id: string },
  slot: number,
  at: Date,
): Promise<PoolGroup[]> {
  const present =
    scope.kind === "client"
      ? minerInScope(
          { kind: "owned", userId: scope.userId, siteIds: scope.siteIds },
          sql`l.site_id`,
          sql`l.miner_id`,
          at,
        )
      : sql`true`
  const ofCommand = sql`from remote_commands c
    join remote_command_results r on r.site_id = c.site_id and r.command_id = c.id ${joinOwned(scope)}`
  const which = sql`c.site_id = ${command.siteId} and c.id = ${command.id}::uuid and r.result_status <> 'SKIPPED'
    and (r.result_status <> 'FAILED' or r.result_code = 5)`
  const inSlot = sql`${slot}::int`
  return db.execute<PoolGroup>(sql`
    select url as "oldUrl", account as "oldAccount", seen, count(*)::int as count,
      (array_agg(miner_id))[1:${sql.raw(String(SAMPLE))}] as "minerIds"
    from (
      select r.miner_id, ${poolUrl(sql`r.before`, inSlot)} as url,
        split_part(${poolWorker(sql`r.before`, inSlot)}, '.', 1) as account, 'before' as seen
      ${ofCommand} where ${which} and r.before is not null
      union all
      select r.miner_id, l.pool_url, split_part(l.worker_name, '.', 1), case when l.miner_id is not null then 'live' end
      ${ofCommand} left join miner_telemetry_live l on r.result_status in ('PENDING', 'RUNNING')
        and l.site_id = r.site_id and l.miner_id = r.miner_id and ${present}
      where ${which} and r.before is null
    ) target group by url, account, seen order by 4 desc, 1 nulls last, 2 nulls last, 3 nulls last limit 100`)
}

import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"

/** Targets of a command that did not get what it asked for: failed, of unknown outcome, too late or cancelled. */
export async function selectRetryTargets(
  db: Executor,
  command: { siteId: number; id: string },
): Promise<number[]> {
  const rows = await db.execute<{ minerId: number }>(sql`
    select miner_id as "minerId" from remote_command_results
    where site_id = ${command.siteId} and command_id = ${command.id}::uuid
      and (result_status = 'FAILED'
        or (result_status = 'SKIPPED' and skip_reason in ('expired', 'cancelled')))
    order by miner_id`)
  return rows.map((row) => row.minerId)
}

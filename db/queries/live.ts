import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"

/** The machines a client owns at a moment: `hosting_miners.id`. */
export async function selectOwnedMinerIds(db: Executor, userId: number, at: Date): Promise<Set<number>> {
  const rows = await db.execute<{ miner_id: number }>(sql`
    select miner_id from user_miners
    where user_id = ${userId} and from_at <= ${at.toISOString()}::timestamptz
      and (to_at is null or to_at > ${at.toISOString()}::timestamptz)`)
  return new Set(rows.map((row) => row.miner_id))
}

/** Who requested a command; null: the system, or no such command. */
export async function selectCommandRequester(
  db: Executor,
  siteId: number,
  commandId: string,
): Promise<number | null> {
  const rows = await db.execute<{ requested_by: number | null }>(sql`
    select requested_by from remote_commands where site_id = ${siteId} and id = ${commandId}::uuid`)
  return rows[0]?.requested_by ?? null
}

import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"

/** When a worker last finished one of the jobs that run every minute; null: none ever did, or the queue is not there yet. */
export async function readWorkerLife(executor: Executor, job: string): Promise<{ lastRunAt: Date | null }> {
  const [there] = await executor.execute<{ there: boolean }>(
    sql`select to_regclass('pgboss.job') is not null as there`,
  )
  if (!there?.there) return { lastRunAt: null }
  const [row] = await executor.execute<{ at: string | null }>(
    sql`select max(completed_on) as at from pgboss.job where name = ${job}`,
  )
  return { lastRunAt: row?.at == null ? null : new Date(row.at) }
}

/** Sites whose time zone PostgreSQL does not know: their days and schedules would be computed wrongly. */
export async function selectUnknownZones(executor: Executor): Promise<{ slug: string; timezone: string }[]> {
  const rows = await executor.execute<{ slug: string; timezone: string }>(sql`
    select slug, timezone from hosting_sites
    where timezone not in (select name from pg_timezone_names) order by slug`)
  return [...rows]
}

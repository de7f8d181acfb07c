import type { Sql } from "../client.ts"

/** The last run of a job. */
export type JobRun = {
  name: string
  lastStartedAt: Date | null
  lastSuccessAt: Date | null
  lastDurationMs: number | null
  lastError: string | null
  lastErrorAt: Date | null
}

export async function recordJobStart(sql: Sql, name: string, at: Date): Promise<void> {
  await sql`
    insert into job_runs (name, last_started_at) values (${name}, ${at})
    on conflict (name) do update set last_started_at = excluded.last_started_at`
}

export async function recordJobSuccess(sql: Sql, name: string, at: Date, durationMs: number): Promise<void> {
  await sql`
    update job_runs set last_success_at = ${at}, last_duration_ms = ${durationMs} where name = ${name}`
}

export async function recordJobError(sql: Sql, name: string, at: Date, error: string): Promise<void> {
  await sql`
    update job_runs set last_error = ${error.slice(0, 1_000)}, last_error_at = ${at} where name = ${name}`
}

/** The last run of every job that ever ran. */
export async function readJobRuns(sql: Sql): Promise<JobRun[]> {
  return sql<JobRun[]>`
    select name, last_started_at as "lastStartedAt", last_success_at as "lastSuccessAt",
      last_duration_ms as "lastDurationMs", last_error as "lastError", last_error_at as "lastErrorAt"
    from job_runs order by name`
}

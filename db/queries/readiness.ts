import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Sql } from "../client.ts"
import { MIGRATIONS_FOLDER } from "../migrate.ts"

export type Readiness = { database: boolean; migrated: boolean; queue: boolean }

let newest: number | null = null
/** `when` of the newest migration of this version. */
function newestMigration(): number {
  newest ??= (
    JSON.parse(readFileSync(join(MIGRATIONS_FOLDER, "meta/_journal.json"), "utf8")) as {
      entries: { when: number }[]
    }
  ).entries.reduce((latest, entry) => Math.max(latest, entry.when), 0)
  return newest
}

/** What `/readyz` answers. An unreachable database is `database: false`, not an error. */
export async function readReadiness(sql: Sql): Promise<Readiness> {
  try {
    const [row] = await sql<{ migrations: boolean; queue: boolean }[]>`
      select to_regclass('drizzle.__drizzle_migrations') is not null as migrations,
        to_regclass('pgboss.version') is not null as queue`
    if (!row?.migrations) return { database: true, migrated: false, queue: row?.queue ?? false }
    const [last] = await sql<{ created_at: string | null }[]>`
      select max(created_at)::text as created_at from drizzle.__drizzle_migrations`
    return {
      database: true,
      migrated: Number(last?.created_at ?? 0) >= newestMigration(),
      queue: row.queue,
    }
  } catch {
    return { database: false, migrated: false, queue: false }
  }
}

/** Connections of this database by state, for the metric. */
export async function countConnections(sql: Sql): Promise<Record<string, number>> {
  const rows = await sql<{ state: string; count: number }[]>`
    select coalesce(state, 'background') as state, count(*)::int as count
    from pg_stat_activity where datname = current_database() group by 1`
  return Object.fromEntries(rows.map((row) => [row.state, row.count]))
}

/** When each job last succeeded. */
export async function readJobSuccesses(sql: Sql): Promise<{ name: string; at: Date }[]> {
  return sql<{ name: string; at: Date }[]>`
    select name, last_success_at as at from job_runs where last_success_at is not null`
}

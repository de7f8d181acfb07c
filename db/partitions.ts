import type { Sql } from "./client.ts"

/** The partitioned tables: how wide a partition is, how far ahead it is made, and how old rows may arrive. */
export const PARTITIONED = [
  { table: "telemetry_raw_24h", width: "1 hour", behindHours: 26, aheadHours: 6 },
  { table: "miner_telemetry_history", width: "1 day", behindHours: 26, aheadHours: 48 },
  { table: "miner_board_telemetry", width: "1 day", behindHours: 26, aheadHours: 48 },
] as const

/** Makes the partitions around `now` that are missing. Idempotent, safe beside another process. Returns how many it made. */
export async function ensurePartitions(sql: Sql, now: Date): Promise<number> {
  let made = 0
  for (const { table, width, behindHours, aheadHours } of PARTITIONED) {
    const from = new Date(now.getTime() - behindHours * 3_600_000)
    const to = new Date(now.getTime() + aheadHours * 3_600_000)
    const [row] = await sql<{ made: number }[]>`
      select ensure_partitions(${table}, ${from}, ${to}, ${width}::text::interval) as made`
    made += row?.made ?? 0
  }
  return made
}

/** The partitions of a table with the instant at which each ends, oldest first. */
export async function listPartitions(sql: Sql, table: string): Promise<{ name: string; endsAt: Date }[]> {
  return sql<{ name: string; endsAt: Date }[]>`
    select child.relname as name,
           (regexp_match(pg_get_expr(child.relpartbound, child.oid), 'TO \\(''([^'']+)''\\)'))[1]::timestamptz as "endsAt"
    from pg_inherits join pg_class child on child.oid = inhrelid
    where inhparent = ${table}::regclass
    order by 2`
}

/** Drops whole partitions whose rows are all older than `before`. Returns their names. */
export async function dropPartitionsBefore(sql: Sql, table: string, before: Date): Promise<string[]> {
  const dropped: string[] = []
  for (const { name, endsAt } of await listPartitions(sql, table)) {
    if (endsAt.getTime() > before.getTime()) continue
    await sql`drop table if exists ${sql(name)}`
    dropped.push(name)
  }
  return dropped
}

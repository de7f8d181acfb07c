import type { Sql } from "./client.ts"

/**
 * The partitioned tables: how wide a partition is, how far ahead it is made, and how old rows may arrive (what is older
 * is dropped, so that making and dropping never meet).
 */
export const PARTITIONED = [
  { table: "telemetry_raw_24h", width: "1 hour", behindHours: 25, aheadHours: 6 },
  { table: "miner_telemetry_history", width: "1 day", behindHours: 25, aheadHours: 48 },
  { table: "miner_board_telemetry", width: "1 day", behindHours: 25, aheadHours: 48 },
] as const

/** Makes the partitions around `now` that are missing. Idempotent, safe beside another process. Returns how many it made. */
export async function ensurePartitions(sql: Sql, now: Date): Promise<number> {
  let made = 0
  for (const { table, behindHours, aheadHours } of PARTITIONED) {
    const from = new Date(now.getTime() - behindHours * 3_600_000)
    const to = new Date(now.getTime() + aheadHours * 3_600_000)
    made += await makePartitions(sql, table, from, to)
  }
  return made
}

/** Makes the partitions of one table from one instant to another that are missing. Returns how many. */
export async function makePartitions(
  sql: Sql,
  table: (typeof PARTITIONED)[number]["table"],
  from: Date,
  to: Date,
): Promise<number> {
  const width = PARTITIONED.find((one) => one.table === table)?.width ?? "1 day"
  const make = async () => {
    const [row] = await sql<{ made: number }[]>`
      select ensure_partitions(${table}, ${from}, ${to}, ${width}::text::interval) as made`
    return row?.made ?? 0
  }
  return make().catch((error: unknown) => {
    // Another process made one at the same moment: a session sees the other's tables a little late.
    if ((error as { code?: unknown }).code !== "42P07") throw error
    return make()
  })
}

/** The partitions of a table with the instant at which each ends, oldest first. */
export async function listPartitions(sql: Sql, table: string): Promise<{ name: string; endsAt: Date }[]> {
  const rows = await sql<{ name: string; endsAt: Date | null }[]>`
    select child.relname as name,
           (regexp_match(pg_get_expr(child.relpartbound, child.oid), 'TO \\(''([^'']+)''\\)'))[1]::timestamptz as "endsAt"
    from pg_inherits join pg_class child on child.oid = inhrelid
    where inhparent = ${table}::regclass
    order by 2`
  // One that another process drops at this moment has no bound any more.
  return rows.flatMap(({ name, endsAt }) => (endsAt ? [{ name, endsAt }] : []))
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

import type { Sql } from "../client.ts"

export async function listHistoryDays(sql: Sql): Promise<{ siteId: number; historyDays: number }[]> {
  return sql<{ siteId: number; historyDays: number }[]>`
    select id as "siteId", history_days as "historyDays" from hosting_sites order by id`
}

export async function deleteHistoryBefore(
  sql: Sql,
  table: "miner_telemetry_history" | "miner_board_telemetry" | "owner_telemetry_history",
  siteId: number,
  before: Date,
): Promise<number> {
  const result = await sql`delete from ${sql(table)} where site_id = ${siteId} and bucket_at < ${before}`
  return result.count
}

export async function deleteUploadsBefore(sql: Sql, before: Date): Promise<number> {
  const result = await sql`delete from collector_upload_logs where received_at < ${before}`
  return result.count
}

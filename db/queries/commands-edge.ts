// path: command 5/10
import { sql } from "drizzle-orm"
import type { CommandFeature, CommandType, EdgeStatus, ResultStatus } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { type CommandRow, timestamp } from "./commands.ts"
import { isBigint } from "./commands-lease.ts"

/** `miner_commands`, the edge-facing queue: one row a target. Its states: pending → sent → completed | failed | expired | cancelled. */

/** JSON of what miners said: NUL and halves of surrogate pairs, which PostgreSQL cannot store, are taken out. */
export function storableJson(value: unknown): string {
  return JSON.stringify(storable(value))
}
function storable(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("\0", "").toWellFormed()
  if (Array.isArray(value)) return value.map(storable)
  if (value === null || typeof value !== "object") return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [storable(name), storable(part)]))
}

export type EdgeRow = {
  id: string
  commandId: string
  minerId: number
  type: CommandType
  feature: CommandFeature
  wave: number
  status: EdgeStatus
  fencingToken: string
  resultCode: number | null
  resultMessage: string | null
}

/** Edge rows of a device by their ids. Lock their commands first when they will be changed. */
export async function selectEdgeRows(
  db: Executor,
  siteId: number,
  deviceId: number,
  ids: readonly string[],
): Promise<EdgeRow[]> {
  return db.execute<EdgeRow>(sql`
    select e.id::text as id, e.remote_command_id as "commandId", e.miner_id as "minerId", e.command_type as type,
      e.feature, e.wave, e.status, e.fencing_token::text as "fencingToken", r.result_code as "resultCode",
      r.result_message as "resultMessage"
    from miner_commands e
    join remote_command_results r on r.site_id = e.site_id and r.command_id = e.remote_command_id
      and r.miner_id = e.miner_id
    where e.site_id = ${siteId} and e.device_id = ${deviceId} and e.id = any(${`{${ids.filter(isBigint).join(",")}}`}::bigint[])`)
}

export type ResultWrite = {
  id: string
  edge_status: "completed" | "failed"
  result_status: ResultStatus
  result_code: number
  result_message: string
  ran: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  already: boolean
  /** The answer alone is what its gate asks for. */
  recovered: boolean
  started_at: string
  finished_at: string
}

/** Ends edge rows and writes their results, in one statement. */
export async function writeResults(
  tx: Executor,
  siteId: number,
  results: readonly ResultWrite[],
  at: Date,
): Promise<void> {
  await tx.execute(sql`
    with given as (
      select * from jsonb_to_recordset(${storableJson(results)}::jsonb) as given(id bigint, edge_status text,
        result_status text, result_code smallint, result_message text, ran text, before jsonb, after jsonb,
        already boolean, recovered boolean, started_at timestamptz, finished_at timestamptz)
    ), ended as (
      update miner_commands e set status = g.edge_status, completed_at = ${timestamp(at)}, lease_until = null
      from given g where e.site_id = ${siteId} and e.id = g.id
      returning e.site_id, e.remote_command_id, e.miner_id, e.id
    )
    update remote_command_results r set result_status = g.result_status, result_code = g.result_code,
      result_message = g.result_message, ran = g.ran, before = g.before, after = g.after, already = g.already,
      recovered_at = case when g.recovered then g.finished_at end,
      started_at = coalesce(g.started_at, r.started_at), finished_at = g.finished_at
    from ended e join given g on g.id = e.id
    where r.site_id = e.site_id and r.command_id = e.remote_command_id and r.miner_id = e.miner_id`)
}

/** Adds what a collector told about rows that were already given up; the verdict stays. */
export async function noteLateAnswers(
  tx: Executor,
  siteId: number,
  notes: readonly { command_id: string; miner_id: number; message: string }[],
): Promise<void> {
  await tx.execute(sql`
    update remote_command_results r set result_message = g.message
    from jsonb_to_recordset(${storableJson(notes)}::jsonb) as g(command_id uuid, miner_id integer, message text)
    where r.site_id = ${siteId} and r.command_id = g.command_id and r.miner_id = g.miner_id`)
}

/** Takes back what no collector has fetched, released or not; returns how many. */
export async function cancelPendingRows(
  tx: Executor,
  command: Pick<CommandRow, "siteId" | "id">,
  at: Date,
): Promise<number> {
  const rows = await tx.execute<{ cancelled: number }>(sql`
    with cancelled as (
      update miner_commands set status = 'cancelled', completed_at = ${timestamp(at)}
      where site_id = ${command.siteId} and remote_command_id = ${command.id}::uuid and status = 'pending' returning 1)
    select count(*)::int as cancelled from cancelled`)
  return rows[0]?.cancelled ?? 0
}

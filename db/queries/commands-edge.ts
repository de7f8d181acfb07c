// path: command 5/10
import { type SQL, sql } from "drizzle-orm"
import type { CommandType, EdgeStatus, ResultStatus } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { type CommandRow, timestamp } from "./commands.ts"

/** `miner_commands`, the edge-facing queue: one row a target. Its states: pending → sent → completed | failed | expired | cancelled. */

const BIGINT_MAX = 2n ** 63n - 1n
/** Ids come from outside as up to 19 digits, which can be more than a bigint holds. */
function isBigint(id: string): boolean {
  return BigInt(id) <= BIGINT_MAX
}

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

/** What a device may lease now: never fetched, or fetched with a lease that has lapsed; not past its time to live. */
function leasable(siteId: number, deviceId: number, at: Date): SQL {
  return sql`e.site_id = ${siteId} and e.device_id = ${deviceId}
    and (e.status = 'pending' or (e.status = 'sent' and e.lease_until < ${timestamp(at)}))
    and e.expires_at > ${timestamp(at)}`
}

/** The commands that have rows for the device, most urgent first. Empty on a quiet poll: one index look-up. */
export async function selectLeasableCommandIds(
  db: Executor,
  siteId: number,
  deviceId: number,
  max: number,
  at: Date,
): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select distinct remote_command_id as id from (
      select e.remote_command_id from miner_commands e where ${leasable(siteId, deviceId, at)}
      order by e.priority desc, e.id limit ${max}) candidates`)
  return rows.map((row) => row.id)
}

export type LeasedRow = {
  id: string
  commandId: string
  minerRowId: number
  minerId: string
  ipAddress: string | null
  mac: string | null
  serial: string | null
  type: CommandType
  parameters: Record<string, unknown>
  priority: number
  attempt: number
  fencingToken: string
  leaseUntil: Date
  expiresAt: Date
}

/** Leases rows of commands that the caller has locked, and marks their results RUNNING. */
export async function leaseRows(
  tx: Executor,
  input: {
    siteId: number
    deviceId: number
    commandIds: SQL
    max: number
    at: Date
    leaseUntil: Date
    firmwareLeaseUntil: Date
  },
): Promise<LeasedRow[]> {
  return tx.execute<LeasedRow>(sql`
    with picked as (
      select e.site_id, e.id from miner_commands e
      where ${leasable(input.siteId, input.deviceId, input.at)} and e.remote_command_id = any(${input.commandIds})
      order by e.priority desc, e.id limit ${input.max} for update skip locked
    ), leased as (
      update miner_commands e set status = 'sent', attempt = e.attempt + 1, fencing_token = e.fencing_token + 1,
        lease_until = case e.command_type when 'UPDATE_FIRMWARE' then ${timestamp(input.firmwareLeaseUntil)}
          else ${timestamp(input.leaseUntil)} end,
        sent_at = coalesce(e.sent_at, ${timestamp(input.at)})
      from picked p where e.site_id = p.site_id and e.id = p.id
      returning e.*
    ), started as (
      update remote_command_results r set result_status = 'RUNNING', started_at = coalesce(r.started_at, ${timestamp(input.at)})
      from leased e
      where r.site_id = e.site_id and r.command_id = e.remote_command_id and r.miner_id = e.miner_id
        and r.result_status = 'PENDING'
    )
    select e.id::text as id, e.remote_command_id as "commandId", m.id as "minerRowId", m.miner_id as "minerId",
      m.ip_address as "ipAddress", m.mac, m.serial, e.command_type as type, e.parameters, e.priority, e.attempt,
      e.fencing_token::text as "fencingToken", e.lease_until as "leaseUntil", e.expires_at as "expiresAt"
    from leased e join hosting_miners m on m.site_id = e.site_id and m.id = e.miner_id
    order by e.priority desc, e.id`)
}

/** Prolongs leases that are still the caller's; returns those it prolonged. */
export async function renewRows(
  db: Executor,
  input: {
    siteId: number
    deviceId: number
    leases: readonly { id: string; fencing_token: string }[]
    leaseUntil: Date
    firmwareLeaseUntil: Date
  },
): Promise<{ id: string; leaseUntil: Date }[]> {
  return db.execute<{ id: string; leaseUntil: Date }>(sql`
    update miner_commands e set lease_until = case e.command_type
      when 'UPDATE_FIRMWARE' then ${timestamp(input.firmwareLeaseUntil)} else ${timestamp(input.leaseUntil)} end
    from jsonb_to_recordset(${JSON.stringify(input.leases.filter((lease) => isBigint(lease.id) && isBigint(lease.fencing_token)))}::jsonb) as held(id bigint, fencing_token bigint)
    where e.site_id = ${input.siteId} and e.device_id = ${input.deviceId} and e.id = held.id
      and e.fencing_token = held.fencing_token and e.status = 'sent'
    returning e.id::text as id, e.lease_until as "leaseUntil"`)
}

export type EdgeRow = {
  id: string
  commandId: string
  minerId: number
  type: CommandType
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
      e.status, e.fencing_token::text as "fencingToken", r.result_code as "resultCode",
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
        started_at timestamptz, finished_at timestamptz)
    ), ended as (
      update miner_commands e set status = g.edge_status, completed_at = ${timestamp(at)}, lease_until = null
      from given g where e.site_id = ${siteId} and e.id = g.id
      returning e.site_id, e.remote_command_id, e.miner_id, e.id
    )
    update remote_command_results r set result_status = g.result_status, result_code = g.result_code,
      result_message = g.result_message, ran = g.ran, before = g.before, after = g.after,
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

/** Takes back what no collector has fetched; returns how many. */
export async function cancelPendingRows(
  tx: Executor,
  command: Pick<CommandRow, "siteId" | "id">,
  at: Date,
): Promise<number> {
  const rows = await tx.execute(sql`
    update miner_commands set status = 'cancelled', completed_at = ${timestamp(at)}
    where site_id = ${command.siteId} and remote_command_id = ${command.id}::uuid and status = 'pending' returning id`)
  return rows.length
}

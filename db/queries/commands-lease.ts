// path: command 5/10
import { type SQL, sql } from "drizzle-orm"
import type { CommandType } from "#server/contract/commands.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import type { Executor } from "../client.ts"
import { timestamp, uuidArray } from "./commands.ts"

/** Which rows of the edge queue a collector gets next. */

/** One lease at a time a site: its cap counts over all collectors. Until the transaction ends. */
export async function lockLeases(tx: Executor, siteId: number): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('command.lease'), ${siteId})`)
}

/**
 * `room`: how many more may run at the site now; leases that have lapsed do not count. `waiting`: something is released
 * and not in work, or its lease has lapsed; whether its turn has come, `selectLeasable` says.
 */
export type LeaseGate = { paused: boolean; room: number; waiting: boolean }

/** The first row of the queue of `edge_devices d` that is not in work: one look-up in the index, however long it is. */
const firstPending = sql`(select e.id from miner_commands e
  where e.site_id = d.site_id and e.device_id = d.id and e.status in ('pending', 'sent')
    and e.expires_at is not null and e.status = 'pending' order by e.priority desc nulls last, e.id limit 1)`

export async function selectLeaseGate(
  db: Executor,
  siteId: number,
  deviceId: number,
  at: Date,
): Promise<LeaseGate> {
  const rows = await db.execute<LeaseGate>(sql`
    select s.commands_paused_at is not null or d.commands_paused_at is not null as paused,
      s.command_cap - (select count(*)::int from miner_commands o
        where o.site_id = s.id and o.status = 'sent' and o.lease_until > ${timestamp(at)}) as room,
      ${firstPending} is not null or exists (select 1 from miner_commands o where o.site_id = s.id
        and o.device_id = d.id and o.status = 'sent' and o.lease_until < ${timestamp(at)}) as waiting
    from edge_devices d join hosting_sites s on s.id = d.site_id
    where d.id = ${deviceId} and s.id = ${siteId}`)
  return rows[0] ?? { paused: true, room: 0, waiting: false }
}

/**
 * What a device may lease now: released and not past its time to live; never fetched, or fetched with a lease that has
 * lapsed; first in its machine's line, and the machine does nothing else. A released row that nobody fetched in time
 * does not hold the line, and nothing that was released later passes one that was fetched. `offset 0` keeps the look at the machine's other rows one index probe a row.
 */
function leasable(siteId: number, deviceId: number, at: Date): SQL {
  return sql`e.site_id = ${siteId} and e.device_id = ${deviceId}
    and e.status in ('pending', 'sent') and e.expires_at is not null and e.expires_at > ${timestamp(at)}
    and (e.status = 'pending' or e.lease_until < ${timestamp(at)})
    and not exists (select 1 from miner_commands o
      where o.site_id = e.site_id and o.miner_id = e.miner_id and o.status in ('pending', 'sent') and o.id <> e.id
        and (o.status = 'sent' or (e.status = 'pending' and o.id < e.id and o.expires_at > ${timestamp(at)})) offset 0)`
}

/** Most urgent first, then the oldest. */
export async function selectLeasable(
  db: Executor,
  input: { siteId: number; deviceId: number; max: number; at: Date },
): Promise<{ id: string; commandId: string }[]> {
  return db.execute<{ id: string; commandId: string }>(sql`
    select e.id::text as id, e.remote_command_id as "commandId" from miner_commands e
    where ${leasable(input.siteId, input.deviceId, input.at)}
    order by e.priority desc nulls last, e.id limit ${input.max}`)
}

export type LeasedRow = {
  id: string
  commandId: string
  minerRowId: number
  minerId: string
  label: string | null
  ipAddress: string | null
  mac: string | null
  serial: string | null
  type: CommandType
  parameters: Record<string, unknown>
  sealed: string | null
  artifact: LeasedCommand["artifact"]
  priority: number
  attempt: number
  fencingToken: string
  leaseUntil: Date
  expiresAt: Date
}

/** Leases these rows, of commands that the caller has locked, and marks their results RUNNING. */
export async function leaseRows(
  tx: Executor,
  input: {
    siteId: number
    ids: readonly string[]
    commandIds: readonly string[]
    at: Date
    leaseUntil: Date
    firmwareLeaseUntil: Date
  },
): Promise<LeasedRow[]> {
  return tx.execute<LeasedRow>(sql`
    with leased as (
      update miner_commands e set status = 'sent', attempt = e.attempt + 1, fencing_token = e.fencing_token + 1,
        lease_until = case e.command_type when 'UPDATE_FIRMWARE' then ${timestamp(input.firmwareLeaseUntil)}
          else ${timestamp(input.leaseUntil)} end,
        sent_at = coalesce(e.sent_at, ${timestamp(input.at)})
      where e.site_id = ${input.siteId} and e.id = any(${`{${input.ids.join(",")}}`}::bigint[])
        and e.remote_command_id = any(${uuidArray(input.commandIds)}) and e.status in ('pending', 'sent')
      returning e.*
    ), started as (
      update remote_command_results r set result_status = 'RUNNING',
        started_at = coalesce(r.started_at, ${timestamp(input.at)})
      from leased e
      where r.site_id = e.site_id and r.command_id = e.remote_command_id and r.miner_id = e.miner_id
        and r.result_status = 'PENDING'
    )
    select e.id::text as id, e.remote_command_id as "commandId", m.id as "minerRowId", m.miner_id as "minerId", m.label,
      m.ip_address as "ipAddress", m.mac, m.serial, e.command_type as type, e.parameters, s.sealed,
      case when a.id is not null then jsonb_build_object('id', a.id, 'file_name', a.file_name, 'version', a.version,
        'sha256', a.sha256, 'size_bytes', a.size_bytes, 'families', a.families) end as artifact,
      e.priority, e.attempt, e.fencing_token::text as "fencingToken", e.lease_until as "leaseUntil",
      e.expires_at as "expiresAt"
    from leased e join hosting_miners m on m.site_id = e.site_id and m.id = e.miner_id
    left join sealed_secrets s on s.site_id = e.site_id and s.subject_type = 'command'
      and s.subject_id = e.remote_command_id and s.device_id = e.device_id
    left join firmware_artifacts a on a.id = (case e.command_type when 'UPDATE_FIRMWARE'
      then e.parameters ->> 'artifact_id' end)::uuid and a.deleted_at is null
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
  const leases = input.leases.filter((lease) => isBigint(lease.id) && isBigint(lease.fencing_token))
  return db.execute<{ id: string; leaseUntil: Date }>(sql`
    update miner_commands e set lease_until = case e.command_type
      when 'UPDATE_FIRMWARE' then ${timestamp(input.firmwareLeaseUntil)} else ${timestamp(input.leaseUntil)} end
    from jsonb_to_recordset(${JSON.stringify(leases)}::jsonb) as held(id bigint, fencing_token bigint)
    where e.site_id = ${input.siteId} and e.device_id = ${input.deviceId} and e.id = held.id
      and e.fencing_token = held.fencing_token and e.status = 'sent'
    returning e.id::text as id, e.lease_until as "leaseUntil"`)
}

/** The commands of which a device holds rows, in the order in which commands are locked. */
export async function selectHeldCommandIds(
  db: Executor,
  siteId: number,
  deviceId: number,
): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select distinct remote_command_id as id from miner_commands
    where site_id = ${siteId} and device_id = ${deviceId} and status = 'sent' order by 1`)
  return rows.map((row) => row.id)
}

/** Ends a device's leases now. Lock their commands first. */
export async function lapseRows(tx: Executor, siteId: number, deviceId: number, at: Date): Promise<void> {
  await tx.execute(sql`
    update miner_commands set lease_until = ${timestamp(at)}::timestamptz - interval '1 millisecond'
    where site_id = ${siteId} and device_id = ${deviceId} and status = 'sent' and lease_until >= ${timestamp(at)}`)
}

const BIGINT_MAX = 2n ** 63n - 1n
/** Ids come from outside as up to 19 digits, which can be more than a bigint holds. */
export function isBigint(id: string): boolean {
  return BigInt(id) <= BIGINT_MAX
}

/** Collectors of a site that have something released to fetch: whom to wake when others finish or a pause ends. */
export async function selectWaitingDevices(db: Executor, siteId: number): Promise<number[]> {
  const rows = await db.execute<{ id: number }>(sql`
    select d.id from edge_devices d where d.site_id = ${siteId} and d.revoked_at is null
      and ${firstPending} is not null`)
  return rows.map((row) => row.id)
}

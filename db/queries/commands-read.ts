import { type SQL, sql } from "drizzle-orm"
import type {
  ApprovalReason,
  CommandSource,
  CommandStatus,
  CommandType,
  ResultCode,
  ResultStatus,
} from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { intArray } from "./scope.ts"

/** Lists of commands and one command in full, as far as the reader may see them. */
export type CommandScope =
  | { kind: "all" }
  /** `readSiteIds`: everything there; `ownSiteIds`: what the user requested himself. */
  | { kind: "staff"; userId: number | null; readSiteIds: number[]; ownSiteIds: number[] }
  /** Commands on machines that the client owned when they were requested; of their targets only those. */
  | { kind: "client"; userId: number; siteIds: number[] }

function ownedThen(userId: number, minerId: SQL): SQL {
  return sql`exists (select 1 from user_miners um where um.site_id = c.site_id and um.user_id = ${userId}
    and ${minerId} and um.from_at <= c.requested_at and (um.to_at is null or um.to_at > c.requested_at))`
}

/** Condition on `remote_commands c`. */
function commandInScope(scope: CommandScope): SQL {
  if (scope.kind === "all") return sql`true`
  if (scope.kind === "client")
    return sql`(c.site_id = any(${intArray(scope.siteIds)})
      and ${ownedThen(scope.userId, sql`um.miner_id = any(c.target_ids)`)})`
  return sql`(c.site_id = any(${intArray(scope.readSiteIds)})
    or (c.site_id = any(${intArray(scope.ownSiteIds)}) and c.requested_by = ${scope.userId}))`
}

/** Condition on `remote_command_results r` beside its command `c`. */
function resultInScope(scope: CommandScope): SQL {
  return scope.kind === "client" ? ownedThen(scope.userId, sql`um.miner_id = r.miner_id`) : sql`true`
}

export async function isCommandInScope(
  db: Executor,
  scope: CommandScope,
  command: { siteId: number; id: string },
): Promise<boolean> {
  const rows = await db.execute(sql`
    select 1 from remote_commands c where c.site_id = ${command.siteId} and c.id = ${command.id}::uuid
      and ${commandInScope(scope)}`)
  return rows.length > 0
}

export type CommandListRow = {
  siteId: number
  siteSlug: string
  siteName: string
  timezone: string
  id: string
  batchId: string | null
  type: CommandType
  parameters: Record<string, unknown>
  status: CommandStatus
  source: CommandSource
  approvalReasons: ApprovalReason[]
  note: string | null
  requestedBy: number | null
  requestedByName: string | null
  requestedAt: Date
  approvalExpiresAt: Date | null
  startedAt: Date | null
  finishedAt: Date | null
  /** Null for a client: it counts machines of others. */
  outcome: string | null
  /** Targets that the reader may see, and how they stand. */
  targets: number
  succeeded: number
  failed: number
  skipped: number
  open: number
  /** The only target's name; null when there are several. */
  minerLabel: string | null
  minerId: number | null
}

export type CommandFilter = {
  siteId?: number | undefined
  statuses?: readonly CommandStatus[] | undefined
  type?: CommandType | undefined
  minerId?: number | undefined
  commandId?: string | undefined
}

function matches(scope: CommandScope, filter: CommandFilter): SQL {
  const conditions = [commandInScope(scope)]
  if (filter.siteId !== undefined) conditions.push(sql`c.site_id = ${filter.siteId}`)
  if (filter.statuses) conditions.push(sql`c.status = any(${`{${filter.statuses.join(",")}}`}::text[])`)
  if (filter.type) conditions.push(sql`c.command_type = ${filter.type}`)
  if (filter.commandId) conditions.push(sql`c.id = ${filter.commandId}::uuid`)
  if (filter.minerId !== undefined)
    conditions.push(sql`(c.site_id, c.id) in (select r.site_id, r.command_id from remote_command_results r
      where r.miner_id = ${filter.minerId}
        and r.site_id in (select site_id from hosting_miners where id = ${filter.minerId})
        and ${resultInScope(scope)})`)
  return sql.join(conditions, sql` and `)
}

/** A page of commands, newest first, with counts over the targets that the reader may see. */
export async function selectCommandPage(
  db: Executor,
  scope: CommandScope,
  filter: CommandFilter,
  page: { limit: number; offset: number },
): Promise<CommandListRow[]> {
  const isClient = scope.kind === "client"
  const self = scope.kind === "all" ? null : scope.userId
  return db.execute<CommandListRow>(sql`
    with c as (
      select c.* from remote_commands c where ${matches(scope, filter)}
      order by c.requested_at desc, c.id limit ${page.limit} offset ${page.offset}
    )
    select c.site_id as "siteId", s.slug as "siteSlug", s.name as "siteName", s.timezone, c.id,
      c.batch_id as "batchId", c.command_type as type, c.parameters, c.status, c.source,
      c.approval_reasons as "approvalReasons",
      case when ${isClient}::boolean and c.requested_by is distinct from ${self}::int then null else c.note end as note,
      c.requested_by as "requestedBy",
      case when ${isClient}::boolean and c.requested_by is distinct from ${self}::int then null else u.name end
        as "requestedByName",
      c.requested_at as "requestedAt", c.approval_expires_at as "approvalExpiresAt", c.started_at as "startedAt",
      c.finished_at as "finishedAt", case when ${isClient}::boolean then null else c.outcome end as outcome,
      n.targets, n.succeeded, n.failed, n.skipped, n.open,
      case when n.targets = 1 then n.miner_id end as "minerId",
      case when n.targets = 1 then (select coalesce(m.label, m.miner_id) from hosting_miners m
        where m.site_id = c.site_id and m.id = n.miner_id) end as "minerLabel"
    from c join hosting_sites s on s.id = c.site_id left join user_access u on u.id = c.requested_by
    cross join lateral (
      select count(*)::int as targets, min(r.miner_id) as miner_id,
        count(*) filter (where r.result_status = 'SUCCEEDED')::int as succeeded,
        count(*) filter (where r.result_status = 'FAILED')::int as failed,
        count(*) filter (where r.result_status = 'SKIPPED')::int as skipped,
        count(*) filter (where r.result_status in ('PENDING', 'RUNNING'))::int as open
      from remote_command_results r
      where r.site_id = c.site_id and r.command_id = c.id and ${resultInScope(scope)}) n
    order by c.requested_at desc, c.id`)
}

export async function countCommandsMatching(
  db: Executor,
  scope: CommandScope,
  filter: CommandFilter,
): Promise<number> {
  const rows = await db.execute<{ total: number }>(
    sql`select count(*)::int as total from remote_commands c where ${matches(scope, filter)}`,
  )
  return rows[0]?.total ?? 0
}

export type CommandResultRow = {
  minerId: number
  minerKey: string
  label: string | null
  model: string | null
  ip: string | null
  place: string | null
  resultStatus: ResultStatus
  resultCode: ResultCode | null
  resultMessage: string | null
  ran: string | null
  startedAt: Date | null
  finishedAt: Date | null
  recoveredAt: Date | null
  attempt: number | null
}

/** The targets that the reader may see: what failed first, then what is open, then the rest. */
export async function selectCommandResults(
  db: Executor,
  scope: CommandScope,
  command: { siteId: number; id: string },
): Promise<CommandResultRow[]> {
  return db.execute<CommandResultRow>(sql`
    select r.miner_id as "minerId", coalesce(m.miner_id, r.miner_id::text) as "minerKey", m.label, m.model,
      m.ip_address as ip, m.place, r.result_status as "resultStatus", r.result_code as "resultCode",
      r.result_message as "resultMessage", r.ran, r.started_at as "startedAt", r.finished_at as "finishedAt",
      r.recovered_at as "recoveredAt", (select e.attempt from miner_commands e where e.site_id = r.site_id
        and e.remote_command_id = r.command_id and e.miner_id = r.miner_id) as attempt
    from remote_commands c
    join remote_command_results r on r.site_id = c.site_id and r.command_id = c.id
    left join hosting_miners m on m.site_id = r.site_id and m.id = r.miner_id
    where c.site_id = ${command.siteId} and c.id = ${command.id}::uuid and ${resultInScope(scope)}
    order by array_position(array['FAILED','RUNNING','PENDING','SKIPPED','SUCCEEDED'], r.result_status),
      coalesce(m.label, m.miner_id), r.miner_id`)
}

export type TimelineStep = {
  step: "requested" | "approved" | "denied" | "cancelled" | "queued" | "started" | "finished"
  at: Date | null
  by: string | null
}

/** Who did what with a command, in order; names of staff are left out for clients. */
export async function selectTimeline(
  db: Executor,
  scope: CommandScope,
  command: { siteId: number; id: string },
): Promise<TimelineStep[]> {
  const hideNames = scope.kind === "client"
  const self = scope.kind === "client" ? scope.userId : null
  return db.execute<TimelineStep>(sql`
    select t.step, t.at, case when ${hideNames}::boolean and t.by_id is distinct from ${self}::int then null
      else u.name end as by
    from remote_commands c
    cross join lateral (values
      (1, 'requested', c.requested_at, c.requested_by), (2, 'approved', c.approved_at, c.approved_by),
      (3, 'queued', c.queued_at, null), (4, 'started', c.started_at, null),
      (5, 'denied', case when c.denied_by is not null then c.finished_at end, c.denied_by),
      (6, 'cancelled', c.cancelled_at, c.cancelled_by), (7, 'finished', c.finished_at, null)
    ) t(place, step, at, by_id)
    left join user_access u on u.id = t.by_id
    where c.site_id = ${command.siteId} and c.id = ${command.id}::uuid and t.at is not null
    order by t.at, t.place`)
}

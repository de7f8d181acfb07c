import { type SQL, sql } from "drizzle-orm"
import type { ApprovalReason, CommandSource, CommandStatus, CommandType } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { timestamp } from "./commands.ts"
import { type CommandScope, commandInScope, resultInScope } from "./commands-scope.ts"

export type { CommandScope } from "./commands-scope.ts"

/** How the targets stand that the reader may see. They add up: targets = succeeded + failed + unknown + skipped + open. */
export type CommandCounts = {
  targets: number
  succeeded: number
  /** Without the unknown outcomes. */
  failed: number
  unknown: number
  skipped: number
  /** Not ended; `running` of them have begun. */
  open: number
  running: number
}

export type CommandListRow = CommandCounts & {
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
  /** Of staff, for a client: null, like who requested it. */
  note: string | null
  requestedBy: number | null
  requestedByName: string | null
  requestedAt: Date
  approvalExpiresAt: Date | null
  startedAt: Date | null
  finishedAt: Date | null
  /** Null for a client: it counts machines of others. */
  outcome: string | null
  /** Waves in all, and the last one that was released; 0 before the dispatch, and for a client. */
  waves: number
  releasedWave: number
  haltedAt: Date | null
  /** The only target; null when there are several. */
  minerId: number | null
  minerLabel: string | null
}

export type CommandFilter = {
  siteId?: number | undefined
  statuses?: readonly CommandStatus[] | undefined
  halted?: boolean | undefined
  type?: CommandType | undefined
  source?: CommandSource | undefined
  minerId?: number | undefined
  requestedBy?: number | undefined
  /** By the time of the request; `to` is exclusive. */
  from?: Date | undefined
  to?: Date | undefined
  /** Part of the note, the parameters or the requester's name; a machine's name, address or serial as a whole. */
  q?: string | undefined
  commandId?: string | undefined
}

/** Condition on `remote_commands c`. */
export function commandMatches(scope: CommandScope, filter: CommandFilter): SQL {
  const parts: SQL[] = []
  if (filter.siteId !== undefined) parts.push(sql`c.site_id = ${filter.siteId}`)
  if (filter.statuses) parts.push(sql`c.status = any(${`{${filter.statuses.join(",")}}`}::text[])`)
  if (filter.halted) parts.push(sql`c.halted_at is not null`)
  if (filter.type) parts.push(sql`c.command_type = ${filter.type}`)
  if (filter.source) parts.push(sql`c.source = ${filter.source}`)
  if (filter.commandId) parts.push(sql`c.id = ${filter.commandId}::uuid`)
  if (filter.from) parts.push(sql`c.requested_at >= ${timestamp(filter.from)}`)
  if (filter.to) parts.push(sql`c.requested_at < ${timestamp(filter.to)}`)
  if (filter.requestedBy !== undefined) parts.push(requestedBy(scope, filter.requestedBy))
  if (filter.minerId !== undefined) parts.push(onMiners(scope, sql`m.id = ${filter.minerId}`))
  if (filter.q) parts.push(says(scope, filter.q))
  // Last, because it costs most.
  return sql.join([...parts, commandInScope(scope)], sql` and `)
}

/** A client is told of no requester but himself. */
function requestedBy(scope: CommandScope, userId: number): SQL {
  if (scope.kind === "client" && scope.userId !== userId) return sql`false`
  return sql`c.requested_by = ${userId}`
}

function onMiners(scope: CommandScope, which: SQL): SQL {
  return sql`(c.site_id, c.id) in (select r.site_id, r.command_id from hosting_miners m
    join remote_command_results r on r.site_id = m.site_id and r.miner_id = m.id
    where ${which} and ${resultInScope(scope)})`
}

function says(scope: CommandScope, q: string): SQL {
  const like = `%${q.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`
  const whole = q.toLowerCase()
  const own = scope.kind === "client" ? sql`c.requested_by = ${scope.userId}` : sql`true`
  const named = sql`m.search_text like ${like.toLowerCase()} and ${whole} in (lower(m.miner_id), lower(m.label),
    lower(m.ip_address), lower(m.serial), lower(m.mac))`
  return sql`((${own} and c.note ilike ${like}) or c.parameters::text ilike ${like} or c.id::text = ${whole}
    or (${own} and c.requested_by in (select u.id from user_access u where u.name ilike ${like} or u.email ilike ${like}))
    or ${onMiners(scope, named)})`
}

/** Counts of `c`: the command's own for staff, over his targets for a client. Gives `n`. */
export function countsOf(scope: CommandScope): SQL {
  if (scope.kind !== "client")
    return sql`cross join lateral (select c.target_count as targets, c.succeeded_count as succeeded,
      c.failed_count as failed, c.unknown_count as unknown, c.skipped_count as skipped,
      c.target_count - c.succeeded_count - c.failed_count - c.unknown_count - c.skipped_count as open,
      c.running_count as running, case when c.target_count = 1 then c.target_ids[1] end as miner_id) n`
  return sql`cross join lateral (
    select count(*)::int as targets,
      count(*) filter (where r.result_status = 'SUCCEEDED')::int as succeeded,
      count(*) filter (where r.result_status = 'FAILED' and r.result_code is distinct from 5)::int as failed,
      count(*) filter (where r.result_status = 'FAILED' and r.result_code = 5)::int as unknown,
      count(*) filter (where r.result_status = 'SKIPPED')::int as skipped,
      count(*) filter (where r.result_status in ('PENDING', 'RUNNING'))::int as open,
      count(*) filter (where r.result_status = 'RUNNING')::int as running,
      case when count(*) = 1 then min(r.miner_id) end as miner_id
    from remote_command_results r
    where r.site_id = c.site_id and r.command_id = c.id and ${resultInScope(scope)}) n`
}

/** The columns of `CommandListRow` from `remote_commands c`, its counts `n`, its site `s` and its requester `u`. */
export function commandColumns(scope: CommandScope): SQL {
  const ofStaff = (column: SQL) =>
    scope.kind === "client" ? sql`case when c.requested_by = ${scope.userId} then ${column} end` : column
  const whole = (column: SQL, otherwise: SQL) => (scope.kind === "client" ? otherwise : column)
  return sql`c.site_id as "siteId", s.slug as "siteSlug", s.name as "siteName", s.timezone, c.id,
    c.batch_id as "batchId", c.command_type as type, c.parameters, c.status, c.source,
    c.approval_reasons as "approvalReasons", ${ofStaff(sql`c.note`)} as note,
    ${ofStaff(sql`c.requested_by`)} as "requestedBy", ${ofStaff(sql`u.name`)} as "requestedByName",
    c.requested_at as "requestedAt", c.approval_expires_at as "approvalExpiresAt", c.started_at as "startedAt",
    c.finished_at as "finishedAt", ${whole(sql`c.outcome`, sql`null::text`)} as outcome,
    ${whole(sql`c.waves`, sql`0`)} as waves, ${whole(sql`c.released_wave`, sql`0`)} as "releasedWave",
    c.halted_at as "haltedAt", n.targets, n.succeeded, n.failed, n.unknown, n.skipped, n.open, n.running,
    n.miner_id as "minerId", (select coalesce(m.label, m.miner_id) from hosting_miners m
      where m.site_id = c.site_id and m.id = n.miner_id) as "minerLabel"`
}

/** A page of commands, newest first. */
export async function selectCommandPage(
  db: Executor,
  scope: CommandScope,
  filter: CommandFilter,
  page: { limit: number; offset: number },
): Promise<CommandListRow[]> {
  return db.execute<CommandListRow>(sql`
    with c as materialized (
      select c.* from remote_commands c where ${commandMatches(scope, filter)}
      order by c.requested_at desc, c.id desc limit ${page.limit} offset ${page.offset}
    )
    select ${commandColumns(scope)}
    from c join hosting_sites s on s.id = c.site_id left join user_access u on u.id = c.requested_by ${countsOf(scope)}
    order by c.requested_at desc, c.id desc`)
}

/** Commands are kept for good: a count past this is not worth its time. */
export const COMMAND_COUNT_LIMIT = 10_000

/** How many commands match, at most one more than `COMMAND_COUNT_LIMIT`. */
export async function countCommandsMatching(
  db: Executor,
  scope: CommandScope,
  filter: CommandFilter,
): Promise<number> {
  const rows = await db.execute<{ total: number }>(sql`
    select count(*)::int as total from (
      select 1 from remote_commands c where ${commandMatches(scope, filter)} limit ${COMMAND_COUNT_LIMIT + 1}) counted`)
  return rows[0]?.total ?? 0
}

import { type SQL, sql } from "drizzle-orm"
import type { ApprovalReason, CommandSource, CommandStatus, CommandType } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { timestamp } from "./commands.ts"
import { type CommandScope, commandInScope, joinOwned } from "./commands-scope.ts"
import { intArray } from "./scope.ts"

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

/**
 * Commands `c` that match, for the part after `from`, and the time of the request to order by. A client's are read from
 * the list that triggers keep for him.
 */
export function commandsMatching(
  scope: CommandScope,
  filter: CommandFilter,
): { from: SQL; requestedAt: SQL } {
  if (scope.kind !== "client")
    return {
      from: sql`remote_commands c where ${commandMatches(scope, filter, sql`c.requested_at`)}`,
      requestedAt: sql`c.requested_at`,
    }
  return {
    from: sql`remote_command_clients l join remote_commands c on c.site_id = l.site_id and c.id = l.command_id
      where l.user_id = ${scope.userId} and l.site_id = any(${intArray(scope.siteIds)})
        and ${commandMatches(scope, filter, sql`l.requested_at`)}`,
    requestedAt: sql`l.requested_at`,
  }
}

function commandMatches(scope: CommandScope, filter: CommandFilter, requestedAt: SQL): SQL {
  const parts: SQL[] = []
  if (filter.siteId !== undefined) parts.push(sql`c.site_id = ${filter.siteId}`)
  if (filter.statuses) parts.push(sql`c.status = any(${`{${filter.statuses.join(",")}}`}::text[])`)
  if (filter.halted) parts.push(sql`c.halted_at is not null`)
  if (filter.type) parts.push(sql`c.command_type = ${filter.type}`)
  if (filter.source) parts.push(sql`c.source = ${filter.source}`)
  if (filter.commandId) parts.push(sql`c.id = ${filter.commandId}::uuid`)
  if (filter.from) parts.push(sql`${requestedAt} >= ${timestamp(filter.from)}`)
  if (filter.to) parts.push(sql`${requestedAt} < ${timestamp(filter.to)}`)
  if (filter.requestedBy !== undefined) parts.push(askedBy(scope, filter.requestedBy))
  if (filter.minerId !== undefined) parts.push(onMiners(scope, sql`m.id = ${filter.minerId}`))
  if (filter.q) parts.push(says(scope, filter.q))
  if (scope.kind !== "client") parts.push(commandInScope(scope))
  return parts.length > 0 ? sql.join(parts, sql` and `) : sql`true`
}

/** A client is told of no requester but himself. */
function askedBy(scope: CommandScope, userId: number): SQL {
  if (scope.kind === "client" && scope.userId !== userId) return sql`false`
  return sql`c.requested_by = ${userId}`
}

/** Whole in itself: it is looked up once for all commands. */
function onMiners(scope: CommandScope, which: SQL): SQL {
  const owned =
    scope.kind === "client"
      ? sql`join remote_commands c on c.site_id = r.site_id and c.id = r.command_id ${joinOwned(scope)}`
      : sql``
  return sql`(c.site_id, c.id) in (select r.site_id, r.command_id from hosting_miners m
    join remote_command_results r on r.site_id = m.site_id and r.miner_id = m.id ${owned} where ${which})`
}

/** Types whose parameters hold no words of a person's own. */
const WORDLESS = sql`'{REBOOT,ENABLE,DISABLE,POWER_MODE,LED}'::text[]`

function says(scope: CommandScope, q: string): SQL {
  const like = `%${q.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`
  const whole = q.toLowerCase()
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(whole)
  const own = scope.kind === "client" ? sql`c.requested_by = ${scope.userId}` : sql`true`
  const named = sql`m.search_text like ${like.toLowerCase()} and ${whole} in (lower(m.miner_id), lower(m.label),
    lower(m.ip_address), lower(m.serial), lower(m.mac))`
  return sql`((${own} and c.note ilike ${like}) or (c.command_type <> all(${WORDLESS}) and c.parameters::text ilike ${like}) ${isId ? sql`or c.id = ${whole}::uuid` : sql``}
    or (${own} and c.requested_by in (select u.id from user_access u where u.name ilike ${like} or u.email ilike ${like}))
    or ${onMiners(scope, named)})`
}

/** Counts `n` of the commands `c`, to join to them: their own for staff, over his targets for a client. */
export function countsOf(scope: CommandScope): SQL {
  const client = scope.kind === "client"
  const n = client ? sql`l` : sql`c`
  const minerId = client
    ? sql`case when l.target_count = 1 then l.miner_id end`
    : sql`case when c.target_count = 1 then c.target_ids[1] end`
  const counts = sql`lateral (select ${n}.target_count as targets, ${n}.succeeded_count as succeeded,
    ${n}.failed_count as failed, ${n}.unknown_count as unknown, ${n}.skipped_count as skipped,
    ${n}.target_count - ${n}.succeeded_count - ${n}.failed_count - ${n}.unknown_count - ${n}.skipped_count as open,
    ${n}.running_count as running, ${minerId} as miner_id) n`
  if (!client) return sql`cross join ${counts}`
  return sql`join remote_command_clients l on l.site_id = c.site_id and l.user_id = ${scope.userId} and l.command_id = c.id
    cross join ${counts}`
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
  const { from, requestedAt } = commandsMatching(scope, filter)
  return db.execute<CommandListRow>(sql`
    with c as materialized (
      select c.* from ${from} order by ${requestedAt} desc, c.id desc limit ${page.limit} offset ${page.offset}
    )
    select ${commandColumns(scope)}
    from c join hosting_sites s on s.id = c.site_id left join user_access u on u.id = c.requested_by ${countsOf(scope)}
    order by c.requested_at desc, c.id desc`)
}

/** Commands are kept for good: a count past this is not worth its time. */
export const COMMAND_COUNT_LIMIT = 10_000

/** The same page, and how many commands match, at most one more than `COMMAND_COUNT_LIMIT`. */
export async function selectCommandsCounted(
  db: Executor,
  scope: CommandScope,
  filter: CommandFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: CommandListRow[]; total: number }> {
  // A search reads all of them: once.
  if (filter.q && page.offset + page.limit <= COMMAND_COUNT_LIMIT)
    return searchCommands(db, scope, filter, page)
  const [rows, total] = await Promise.all([
    selectCommandPage(db, scope, filter, page),
    countCommandsMatching(db, scope, filter),
  ])
  return { rows: [...rows], total }
}

async function searchCommands(
  db: Executor,
  scope: CommandScope,
  filter: CommandFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: CommandListRow[]; total: number }> {
  const { from, requestedAt } = commandsMatching(scope, filter)
  const rows = await db.execute<Partial<CommandListRow> & { total: number }>(sql`
    with found as materialized (
      select c.site_id, c.id, ${requestedAt} as at from ${from}
      order by ${requestedAt} desc, c.id desc limit ${COMMAND_COUNT_LIMIT + 1}
    ), place as materialized (
      select site_id, id, at from found order by at desc, id desc limit ${page.limit} offset ${page.offset}
    )
    select shown.*, counted.total from (select count(*)::int as total from found) counted
    left join (
      select ${commandColumns(scope)}
      from place p join remote_commands c on c.site_id = p.site_id and c.id = p.id
      join hosting_sites s on s.id = c.site_id left join user_access u on u.id = c.requested_by ${countsOf(scope)}
    ) shown on true
    order by shown."requestedAt" desc, shown.id desc`)
  const total = rows[0]?.total ?? 0
  return { rows: rows.flatMap(({ total: _, ...row }) => (row.id ? [row as CommandListRow] : [])), total }
}

/** How many commands match, at most one more than `COMMAND_COUNT_LIMIT`. */
export async function countCommandsMatching(
  db: Executor,
  scope: CommandScope,
  filter: CommandFilter,
): Promise<number> {
  const { from } = commandsMatching(scope, filter)
  const rows = await db.execute<{ total: number }>(sql`
    select count(*)::int as total from (select 1 from ${from} limit ${COMMAND_COUNT_LIMIT + 1}) counted`)
  return rows[0]?.total ?? 0
}

import { type SQL, sql } from "drizzle-orm"
import type { ResultFilter, ResultSort } from "#server/contract/command-list.ts"
import type { ResultCode, ResultStatus, SkipReason } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { poolUrl, poolWorker } from "./commands-pools.ts"
import { type CommandScope, joinOwned } from "./commands-scope.ts"

/** What a command did to one machine. */
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
  /** Why the server ended it; null: the edge did. */
  skipReason: SkipReason | null
  wave: number | null
  already: boolean
  ran: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  hashrateBeforeGhs: number | null
  startedAt: Date | null
  finishedAt: Date | null
  recoveredAt: Date | null
  /** How often a collector fetched it; null: never dispatched, or longer ago than edge rows are kept. */
  attempt: number | null
  /** The backup it took, itself or before it acted. */
  backupId: string | null
  /** Of CHANGE_POOL, where the machine told: the pool before and after. */
  oldPoolUrl: string | null
  oldWorker: string | null
  newPoolUrl: string | null
  newWorker: string | null
}

export type ResultQuery = {
  siteId: number
  commandId: string
  status?: ResultFilter | undefined
  wave?: number | undefined
  /** Part of what stands about the machine, or of what it told. */
  q?: string | undefined
  /** The slot of a CHANGE_POOL; null for other types. */
  slot: number | null
}

const STATUS_WHERE: Record<ResultFilter, SQL> = {
  OPEN: sql`r.result_status in ('PENDING', 'RUNNING')`,
  PENDING: sql`r.result_status = 'PENDING'`,
  RUNNING: sql`r.result_status = 'RUNNING'`,
  SUCCEEDED: sql`r.result_status = 'SUCCEEDED'`,
  FAILED: sql`r.result_status = 'FAILED' and r.result_code is distinct from 5`,
  UNKNOWN: sql`r.result_status = 'FAILED' and r.result_code = 5`,
  SKIPPED: sql`r.result_status = 'SKIPPED'`,
}

const NAME = sql`lower(coalesce(m.label, m.miner_id))`

/** Unknown values come last in both directions; ties in the order of names where machines are read anyway, else of ids. */
const SORTS: Record<Exclude<ResultSort, "name">, SQL> = {
  status: sql`case r.result_status when 'FAILED' then case when r.result_code = 5 then 1 else 0 end when 'RUNNING' then 2
    when 'PENDING' then 3 when 'SKIPPED' then 4 else 5 end`,
  model: sql`lower(m.model)`,
  wave: sql`r.wave`,
  started: sql`r.started_at`,
  finished: sql`r.finished_at`,
  took: sql`r.finished_at - r.started_at`,
  recovered: sql`r.recovered_at`,
}

/** Targets `r` that the reader may see, with their machines `m`; for a client beside their command `c`. */
function targets(scope: CommandScope, withMiner = true): SQL {
  const owned =
    scope.kind === "client"
      ? sql`join remote_commands c on c.site_id = r.site_id and c.id = r.command_id ${joinOwned(scope)}`
      : sql``
  return sql`remote_command_results r ${owned} ${withMiner ? MINER : sql``}`
}
const MINER = sql`left join hosting_miners m on m.site_id = r.site_id and m.id = r.miner_id`

function matches(query: ResultQuery): SQL {
  const parts = [sql`r.site_id = ${query.siteId} and r.command_id = ${query.commandId}::uuid`]
  if (query.status) parts.push(STATUS_WHERE[query.status])
  if (query.wave !== undefined) parts.push(sql`r.wave = ${query.wave}`)
  if (query.q) {
    const like = `%${query.q.toLowerCase().replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`
    parts.push(sql`(m.search_text like ${like} or lower(r.result_message) like ${like})`)
  }
  return sql.join(parts, sql` and `)
}

function columns(slot: number | null): SQL {
  const pool = (read: typeof poolUrl, state: SQL) =>
    slot === null ? sql`null::text` : read(state, sql`${slot}::int`)
  return sql`r.miner_id as "minerId", coalesce(m.miner_id, r.miner_id::text) as "minerKey", m.label, m.model,
    m.ip_address as ip, m.place, r.result_status as "resultStatus", r.result_code as "resultCode",
    r.result_message as "resultMessage", r.skip_reason as "skipReason", r.wave, r.already, r.ran, r.before, r.after,
    r.hashrate_before_ghs as "hashrateBeforeGhs", r.started_at as "startedAt", r.finished_at as "finishedAt",
    r.recovered_at as "recoveredAt", (select e.attempt from miner_commands e where e.site_id = r.site_id
      and e.remote_command_id = r.command_id and e.miner_id = r.miner_id) as attempt,
    (select b.id from miner_backups b where b.site_id = r.site_id and b.command_id = r.command_id
      and b.miner_id = r.miner_id) as "backupId",
    ${pool(poolUrl, sql`r.before`)} as "oldPoolUrl", ${pool(poolWorker, sql`r.before`)} as "oldWorker",
    ${pool(poolUrl, sql`r.after`)} as "newPoolUrl", ${pool(poolWorker, sql`r.after`)} as "newWorker"`
}

/** From here on a page is reached past so many that all of them are sorted at once. */
const DEEP = 1_000

type Place = { sort: ResultSort; dir: "asc" | "desc"; limit: number; offset: number }

/**
 * One page of targets: first its keys are found, then only those rows are read in full. `total`: all that match; a search
 * counts them on the way.
 */
export async function selectResultPage(
  db: Executor,
  scope: CommandScope,
  query: ResultQuery,
  page: Place,
): Promise<{ rows: CommandResultRow[]; total: number }> {
  const countToo = query.q !== undefined
  const byStatus = page.sort === "status" && !countToo && page.offset < DEEP
  const read = db.execute<CommandResultRow & { total?: number }>(sql`
    with ${byStatus ? statusPage(scope, query, page) : sortedPage(scope, query, page)}
    select ${columns(query.slot)} ${countToo ? sql`, p.total` : sql``}
    from page p join remote_command_results r on r.site_id = ${query.siteId} and r.command_id = ${query.commandId}::uuid
      and r.miner_id = p.miner_id ${MINER}
    order by p.place`)
  if (!countToo) {
    const [rows, total] = await Promise.all([read, countResultsMatching(db, scope, query)])
    return { rows: [...rows], total }
  }
  const rows = [...(await read)]
  const counted = rows[0]?.total ?? (page.offset === 0 ? 0 : null)
  for (const row of rows) delete row.total
  // A page past the end holds no row to tell the count.
  return { rows, total: counted ?? (await countResultsMatching(db, scope, query)) }
}

const wayOf = (page: Place) => (page.dir === "asc" ? sql`asc` : sql`desc`)

/** The part of WITH that names the keys `page` in their order. */
function sortedPage(scope: CommandScope, query: ResultQuery, page: Place): SQL {
  const way = wayOf(page)
  const byMachine = page.sort === "name" || page.sort === "model" || page.sort === "status"
  const order =
    page.sort === "name"
      ? sql`${NAME} ${way} nulls last, r.miner_id ${way}`
      : sql`${SORTS[page.sort]} ${way} nulls last, ${byMachine ? sql`${NAME} nulls last,` : sql``} r.miner_id`
  const countToo = query.q !== undefined
  return sql`page as materialized (
    select r.miner_id, row_number() over (order by ${order}) as place ${countToo ? sql`, count(*) over ()::int as total` : sql``}
    from ${targets(scope, byMachine || countToo)}
    where ${matches(query)} order by ${order} limit ${page.limit} offset ${page.offset}
  )`
}

/** By status, then by name: names are read, one by one, only of the states that the page can reach. */
function statusPage(scope: CommandScope, query: ResultQuery, page: Place): SQL {
  const way = wayOf(page)
  const order = sql`state ${way}, name nulls last, miner_id`
  const within = page.dir === "asc" ? sql`<=` : sql`>=`
  return sql`target as materialized (
    select r.site_id, r.miner_id, ${SORTS.status} as state from ${targets(scope, false)} where ${matches(query)}
  ), reach as materialized (
    select state from target order by state ${way} limit 1 offset ${page.offset + page.limit - 1}
  ), page as materialized (
    select miner_id, row_number() over (order by ${order}) as place from (
      select t.miner_id, t.state, (select ${NAME} from hosting_miners m where m.site_id = t.site_id and m.id = t.miner_id) as name
      from target t where not exists (select from reach) or t.state ${within} (select state from reach)) named
    order by ${order} limit ${page.limit} offset ${page.offset}
  )`
}

async function countResultsMatching(db: Executor, scope: CommandScope, query: ResultQuery): Promise<number> {
  const rows = await db.execute<{ total: number }>(sql`
    select count(*)::int as total from ${targets(scope, query.q !== undefined)} where ${matches(query)}`)
  return rows[0]?.total ?? 0
}

/** Targets after `afterMinerId` in the order of their ids, for reading all of them piece by piece. */
export async function selectResultsAfter(
  db: Executor,
  scope: CommandScope,
  query: ResultQuery,
  afterMinerId: number,
  limit: number,
): Promise<CommandResultRow[]> {
  const rows = await db.execute<CommandResultRow>(sql`
    select ${columns(query.slot)} from ${targets(scope)}
    where ${matches(query)} and r.miner_id > ${afterMinerId} order by r.miner_id limit ${limit}`)
  return [...rows]
}

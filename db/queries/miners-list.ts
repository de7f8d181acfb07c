import { type SQL, sql } from "drizzle-orm"
import type { MinerSort } from "#server/contract/miner-list.ts"
import type { Executor } from "../client.ts"
import { instant, type MinerStatus, minerFacts } from "./miner-status.ts"
import { type MinerFilter, minerWhere } from "./miners-filter.ts"
import type { Scope } from "./scope.ts"

/** A machine as lists show it. Measurements are null unless it is online; `collectedAt` says of when they are. */
export type MinerRow = {
  id: number
  siteId: number
  siteSlug: string
  siteName: string
  minerId: string
  label: string | null
  /** The label, else the machine's own id. */
  name: string
  ipAddress: string | null
  make: string | null
  model: string | null
  firmwareVersion: string | null
  place: string | null
  tags: string[]
  state: "active" | "spare" | "retired"
  owner: { userId: number; name: string } | null
  status: MinerStatus
  hot: boolean
  sleeping: boolean
  stale: boolean
  /** By the thermal guard. */
  held: boolean
  health: "healthy" | "warning" | "critical" | "offline" | null
  offlineSince: Date | null
  hashrateGhs: number | null
  expectedGhs: number | null
  shareOfExpected: number | null
  tempMaxC: number | null
  powerW: number | null
  powerEstimated: boolean
  efficiencyJTh: number | null
  uptimeS: number | null
  workerName: string | null
  boardsHealthy: number | null
  boardsTotal: number | null
  collectedAt: Date | null
  deviceId: number | null
  /** It refuses the login that its collector has. */
  needsLogin: boolean
}

/** Joins the owner `ou` of a machine of `minerFacts`, if it has one now. */
export const currentOwner = (at: Date) => sql`
  left join user_miners ow on ow.site_id = f.site_id and ow.miner_id = f.id
    and ow.from_at <= ${instant(at)} and (ow.to_at is null or ow.to_at > ${instant(at)})
  left join user_access ou on ou.id = ow.user_id`

/** The columns of `MinerRow`, from `minerFacts` and its current owner. */
export const minerRowColumns = sql`
  f.id, f.site_id as "siteId", f.site_slug as "siteSlug", f.site_name as "siteName", f.miner_id as "minerId", f.label,
  f.name, f.ip_address as "ipAddress", f.make, f.model, f.firmware_version as "firmwareVersion", f.place, f.tags, f.state,
  case when ou.id is not null then jsonb_build_object('userId', ou.id, 'name', ou.name) end as owner,
  f.status, f.hot, f.sleeping, f.stale, f.health,
  exists (select 1 from thermal_holds th where th.site_id = f.site_id and th.miner_id = f.id) as held, f.offline_since as "offlineSince",
  f.rate_ghs as "hashrateGhs", f.expected_ghs as "expectedGhs", f.share_of_expected as "shareOfExpected",
  f.temp_max_c as "tempMaxC", f.power_w as "powerW", coalesce(f.power_w is not null and f.power_estimated, false) as "powerEstimated",
  f.efficiency_j_th as "efficiencyJTh", f.uptime_s as "uptimeS", f.worker_name as "workerName",
  f.boards_healthy as "boardsHealthy", f.boards_total as "boardsTotal", f.collected_at as "collectedAt", f.device_id as "deviceId",
  exists (select 1 from miner_login_refusals lr where lr.site_id = f.site_id and lr.miner_id = f.id) as "needsLogin"`

export type MinerPageRows = { rows: MinerRow[]; total: number }

/**
 * One page of machines and how many there are in all. First the page's keys are found, then only those rows are read
 * in full. Where every machine has to be looked at anyway, it is counted on the way.
 */
export async function selectMinerPage(
  db: Executor,
  scope: Scope,
  filter: MinerFilter,
  page: { sort: MinerSort; dir: "asc" | "desc"; limit: number; offset: number },
  at: Date,
): Promise<MinerPageRows> {
  const order = orderBy(page.sort, page.dir)
  const { machine, condition, costly } = minerWhere(scope, filter, at)
  const once = condition !== null || SORTS_BY_CONDITION.includes(page.sort)
  const countToo = condition !== null || costly
  const read = db.execute<MinerRow & { total?: number }>(sql`
    with page as materialized (
      select f.site_id, f.id ${countToo ? sql`, count(*) over ()::int as total` : sql``}
      from ${minerFacts(scope, at, { where: machine, once })} ${page.sort === "owner" ? currentOwner(at) : sql``}
      where ${condition ?? sql`true`}
      order by ${order} limit ${page.limit} offset ${page.offset}
    )
    select ${minerRowColumns} ${countToo ? sql`, page.total` : sql``}
    from page join ${minerFacts(scope, at)} on f.site_id = page.site_id and f.id = page.id ${currentOwner(at)}
    order by ${order}`)
  if (!countToo) {
    const [rows, total] = await Promise.all([read, countMiners(db, scope, filter, at)])
    return { rows: [...rows], total }
  }
  const rows = [...(await read)]
  const counted = rows[0]?.total ?? (page.offset === 0 ? 0 : null)
  for (const row of rows) delete row.total
  // A page past the end holds no row to tell the count.
  return { rows, total: counted ?? (await countMiners(db, scope, filter, at)) }
}

const SMALL_FLEET = 50_000

/** By the estimate that PostgreSQL keeps, which costs nothing to ask; a table it never counted is small. */
export async function fleetIsSmall(db: Executor): Promise<boolean> {
  const [row] = await db.execute<{ small: boolean }>(
    sql`select reltuples < ${SMALL_FLEET} as small from pg_class where oid = 'hosting_miners'::regclass`,
  )
  return row?.small ?? true
}

/** How many machines a filter finds. */
export async function countMiners(
  db: Executor,
  scope: Scope,
  filter: MinerFilter,
  at: Date,
): Promise<number> {
  const { machine, condition } = minerWhere(scope, filter, at)
  const [row] = await db.execute<{ total: number }>(sql`
    select count(*)::int as total from ${minerFacts(scope, at, { where: machine, once: condition !== null })}
    where ${condition ?? sql`true`}`)
  return row?.total ?? 0
}

/** The keys of the machines a filter finds, at most `limit`. */
export async function selectMinerKeys(
  db: Executor,
  scope: Scope,
  filter: MinerFilter,
  limit: number,
  at: Date,
): Promise<{ siteId: number; id: number }[]> {
  const { machine, condition } = minerWhere(scope, filter, at)
  const rows = await db.execute<{ siteId: number; id: number }>(sql`
    select f.site_id as "siteId", f.id from ${minerFacts(scope, at, { where: machine })}
    where ${condition ?? sql`true`} order by f.site_id, f.id limit ${limit}`)
  return [...rows]
}

const SORTS_BY_CONDITION: readonly MinerSort[] = [
  "status",
  "hashrate",
  "share",
  "temp",
  "power",
  "efficiency",
  "uptime",
]

const SORT_COLUMNS: Record<Exclude<MinerSort, "name">, SQL> = {
  status: sql`case when f.is_online then 2 + (not f.hot)::int + f.sleeping::int when f.is_unknown then 1 else 0 end`,
  hashrate: sql`f.rate_ghs`,
  share: sql`f.share_of_expected`,
  temp: sql`f.temp_max_c`,
  power: sql`f.power_w`,
  efficiency: sql`f.efficiency_j_th`,
  uptime: sql`f.uptime_s`,
  place: sql`lower(f.place)`,
  model: sql`lower(f.model)`,
  owner: sql`lower(ou.name)`,
  site: sql`lower(f.site_name)`,
  lastSeen: sql`f.collected_at`,
}

/** Unknown values last in both directions; ties in the order of names, then of keys, so that pages never overlap. */
function orderBy(sort: MinerSort, dir: "asc" | "desc"): SQL {
  const way = dir === "asc" ? sql`asc` : sql`desc`
  // Names are never null, and an index holds them in this order.
  if (sort === "name") return sql`lower(f.name) ${way}, f.site_id ${way}, f.id ${way}`
  return sql`${SORT_COLUMNS[sort]} ${way} nulls last, lower(f.name), f.site_id, f.id`
}

export type Facet = { value: string; miners: number }
export type MinerFacets = { makes: Facet[]; models: Facet[]; places: Facet[]; tags: Facet[] }

/** What the machines of a scope (or of one site) can be filtered by, retired ones left out; the most frequent 200 each. */
export async function selectFacets(
  db: Executor,
  scope: Scope,
  siteId: number | undefined,
  at: Date,
): Promise<MinerFacets> {
  const { machine } = minerWhere(scope, { siteId }, at)
  const rows = await db.execute<Facet & { facet: keyof MinerFacets }>(sql`
    with present as materialized (
      select f.make, f.model, f.place, f.tags, count(*)::int as miners
      from ${minerFacts(scope, at, { where: machine })} group by f.make, f.model, f.place, f.tags
    ), counted as (
      select 'makes' as facet, make as value, sum(miners)::int as miners from present group by make
      union all select 'models', model, sum(miners)::int from present group by model
      union all select 'places', place, sum(miners)::int from present group by place
      union all select 'tags', tag, sum(miners)::int from present, unnest(tags) tag group by tag
    ), ranked as (select *, row_number() over (partition by facet order by miners desc, value) as rank from counted where value is not null)
    select facet, value, miners from ranked where rank <= 200 order by facet, lower(value), value`)
  const facets: MinerFacets = { makes: [], models: [], places: [], tags: [] }
  for (const { facet, value, miners } of rows) facets[facet].push({ value, miners })
  return facets
}

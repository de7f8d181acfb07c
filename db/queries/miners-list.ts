import { type SQL, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { instant, type MinerStatus, minerFacts } from "./miner-status.ts"
import { type MinerFilter, minerWhere } from "./miners-filter.ts"
import type { Scope } from "./scope.ts"

export const MINER_SORTS = [
  "name",
  "status",
  "hashrate",
  "share",
  "temp",
  "power",
  "efficiency",
  "uptime",
  "place",
  "model",
  "owner",
  "site",
  "lastSeen",
] as const
export type MinerSort = (typeof MINER_SORTS)[number]

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
}

const currentOwner = (at: Date) => sql`
  left join user_miners ow on ow.site_id = f.site_id and ow.miner_id = f.id
    and ow.from_at <= ${instant(at)} and (ow.to_at is null or ow.to_at > ${instant(at)})
  left join user_access ou on ou.id = ow.user_id`

/** The columns of `MinerRow`, from `minerFacts` and its current owner. */
export const minerRowColumns = sql`
  f.id, f.site_id as "siteId", f.site_slug as "siteSlug", f.site_name as "siteName", f.miner_id as "minerId", f.label,
  f.name, f.ip_address as "ipAddress", f.make, f.model, f.firmware_version as "firmwareVersion", f.place, f.tags, f.state,
  case when ou.id is not null then jsonb_build_object('userId', ou.id, 'name', ou.name) end as owner,
  f.status, f.hot, f.sleeping, f.stale, f.health, f.offline_since as "offlineSince",
  f.rate_ghs as "hashrateGhs", f.expected_ghs as "expectedGhs", f.share_of_expected as "shareOfExpected",
  f.temp_max_c as "tempMaxC", f.power_w as "powerW", coalesce(f.power_w is not null and f.power_estimated, false) as "powerEstimated",
  f.efficiency_j_th as "efficiencyJTh", f.uptime_s as "uptimeS", f.worker_name as "workerName",
  f.boards_healthy as "boardsHealthy", f.boards_total as "boardsTotal", f.collected_at as "collectedAt", f.device_id as "deviceId"`

/** One page of machines. First the page's keys are found, then only those rows are read in full. */
export async function selectMinerPage(
  db: Executor,
  scope: Scope,
  filter: MinerFilter,
  page: { sort: MinerSort; dir: "asc" | "desc"; limit: number; offset: number },
  at: Date,
): Promise<MinerRow[]> {
  const order = orderBy(page.sort, page.dir)
  const { machine, condition } = minerWhere(scope, filter, at)
  const once = condition !== null || SORTS_BY_CONDITION.includes(page.sort)
  const rows = await db.execute<MinerRow>(sql`
    with page as materialized (
      select f.site_id, f.id, row_number() over (order by ${order}) as place_in_order
      from ${minerFacts(scope, at, { where: machine, once })} ${page.sort === "owner" ? currentOwner(at) : sql``}
      where ${condition ?? sql`true`}
      order by ${order} limit ${page.limit} offset ${page.offset}
    )
    select ${minerRowColumns}
    from page join ${minerFacts(scope, at)} on f.site_id = page.site_id and f.id = page.id ${currentOwner(at)}
    order by page.place_in_order`)
  return [...rows]
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

/** Machines in order of a measurement, highest first, those without it left out. */
export async function selectTopMiners(
  db: Executor,
  scope: Scope,
  filter: MinerFilter,
  by: "temp",
  limit: number,
  at: Date,
): Promise<MinerRow[]> {
  const rows = await selectMinerPage(db, scope, filter, { sort: by, dir: "desc", limit, offset: 0 }, at)
  return rows.filter((row) => row.tempMaxC !== null)
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
  status: sql`case f.status when 'offline' then 0 when 'unknown' then 1 else 2 + (not f.hot)::int + f.sleeping::int end`,
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
    with present as materialized (select f.make, f.model, f.place, f.tags from ${minerFacts(scope, at, { where: machine })}),
    counted as (
      select 'makes' as facet, make as value, count(*)::int as miners from present group by make
      union all select 'models', model, count(*)::int from present group by model
      union all select 'places', place, count(*)::int from present group by place
      union all select 'tags', tag, count(*)::int from present, unnest(tags) tag group by tag
    ), ranked as (select *, row_number() over (partition by facet order by miners desc, value) as rank from counted where value is not null)
    select facet, value, miners from ranked where rank <= 200 order by facet, lower(value), value`)
  const facets: MinerFacets = { makes: [], models: [], places: [], tags: [] }
  for (const { facet, value, miners } of rows) facets[facet].push({ value, miners })
  return facets
}

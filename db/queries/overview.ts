import { type SQL, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { minerFacts } from "./miner-status.ts"
import { type Scope, siteInScope } from "./scope.ts"

/**
 * What a set of active machines does now. Sums hold fresh machines only, and each says of how many it speaks; null
 * when of none. Counts are those of the list under the status of the same name.
 */
export type FleetTotals = {
  active: number
  online: number
  offline: number
  unknown: number
  hot: number
  sleeping: number
  unhealthy: number
  stale: number
  hashrateGhs: number | null
  hashrateMiners: number
  expectedGhs: number | null
  expectedMiners: number
  /** Over the machines that have both rates. */
  ofExpected: { share: number; miners: number } | null
  powerW: number | null
  powerMiners: number
  /** Of `powerMiners`, those whose own figure is an estimate. */
  powerEstimatedMiners: number
  /** Over the machines that report both power and hashrate, estimates included. */
  efficiencyJTh: number | null
  efficiencyMiners: number
  efficiencyEstimatedMiners: number
}

type TotalsRow = Omit<FleetTotals, "ofExpected"> & { bothShare: number | null; bothMiners: number }

const HOT = 1
const SLEEPING = 2
const UNHEALTHY = 4
const STALE = 8
const RATE = 16
const EXPECTED = 32
const POWER = 64
const ESTIMATED = 128
const RATE_ABOVE_0 = 256
const EXPECTED_ABOVE_0 = 512
const ONLINE = 1024
const OFFLINE = 2048

/**
 * Machines that are alike in everything totals ask for, counted and added up: a few dozen rows stand for any number of
 * machines. `by` are the columns to keep apart.
 */
function alike(scope: Scope, at: Date, where: SQL, by: SQL): SQL {
  const bit = (flag: number, where: SQL) => sql`case when ${where} then ${sql.raw(String(flag))} else 0 end`
  return sql`
    select ${by}, flags, count(*) as n, sum(rate_ghs) as rate, sum(expected_ghs) as expected, sum(power_w) as power
    from (
      select ${by}, f.rate_ghs, f.expected_ghs, f.power_w,
        case when f.is_online then ${sql.raw(String(ONLINE))}
          + ${bit(HOT, sql`f.hot`)} + ${bit(SLEEPING, sql`f.sleeping`)} + ${bit(UNHEALTHY, sql`f.unhealthy`)}
          + ${bit(STALE, sql`f.stale`)}
          + case when f.rate_ghs > 0 then ${sql.raw(String(RATE | RATE_ABOVE_0))} when f.rate_ghs is not null then ${sql.raw(String(RATE))} else 0 end
          + case when f.expected_ghs > 0 then ${sql.raw(String(EXPECTED | EXPECTED_ABOVE_0))} when f.expected_ghs is not null then ${sql.raw(String(EXPECTED))} else 0 end
          + case when f.power_w is null then 0 when f.power_estimated then ${sql.raw(String(POWER | ESTIMATED))} else ${sql.raw(String(POWER))} end
        when f.is_unknown then 0 else ${sql.raw(String(OFFLINE))} end as flags
      from ${minerFacts(scope, at, { where: sql`m.state = 'active' and ${where}`, once: true })}
      offset 0
    ) each_machine
    group by ${by}, flags`
}

const has = (flags: number, of = flags) => sql.raw(`(flags & ${of}) = ${flags}`)
/** Measurements are null unless online, so what is not stale and has one is fresh. */
const fresh = (flags: number) => has(flags, flags | STALE)
const machines = (where: SQL) => sql`coalesce(sum(n) filter (where ${where}), 0)::int`

const totalsColumns = sql`
  coalesce(sum(n), 0)::int as active,
  ${machines(has(ONLINE))} as online,
  ${machines(has(OFFLINE))} as offline,
  ${machines(sql`flags = 0`)} as unknown,
  ${machines(has(HOT))} as hot,
  ${machines(has(SLEEPING))} as sleeping,
  ${machines(has(UNHEALTHY))} as unhealthy,
  ${machines(has(STALE))} as stale,
  sum(rate) filter (where ${fresh(RATE)}) as "hashrateGhs", ${machines(fresh(RATE))} as "hashrateMiners",
  sum(expected) filter (where ${fresh(EXPECTED)}) as "expectedGhs", ${machines(fresh(EXPECTED))} as "expectedMiners",
  sum(rate) filter (where ${fresh(RATE | EXPECTED_ABOVE_0)})
    / sum(expected) filter (where ${fresh(RATE | EXPECTED_ABOVE_0)}) as "bothShare",
  ${machines(fresh(RATE | EXPECTED_ABOVE_0))} as "bothMiners",
  sum(power) filter (where ${fresh(POWER)}) as "powerW", ${machines(fresh(POWER))} as "powerMiners",
  ${machines(fresh(POWER | ESTIMATED))} as "powerEstimatedMiners",
  sum(power) filter (where ${fresh(POWER | RATE_ABOVE_0)}) * 1000
    / sum(rate) filter (where ${fresh(POWER | RATE_ABOVE_0)}) as "efficiencyJTh",
  ${machines(fresh(POWER | RATE_ABOVE_0))} as "efficiencyMiners",
  ${machines(fresh(POWER | RATE_ABOVE_0 | ESTIMATED))} as "efficiencyEstimatedMiners"`

function toTotals({ bothShare, bothMiners, ...row }: TotalsRow): FleetTotals {
  return { ...row, ofExpected: bothShare === null ? null : { share: bothShare, miners: bothMiners } }
}

export const NO_TOTALS: FleetTotals = {
  active: 0,
  online: 0,
  offline: 0,
  unknown: 0,
  hot: 0,
  sleeping: 0,
  unhealthy: 0,
  stale: 0,
  hashrateGhs: null,
  hashrateMiners: 0,
  expectedGhs: null,
  expectedMiners: 0,
  ofExpected: null,
  powerW: null,
  powerMiners: 0,
  powerEstimatedMiners: 0,
  efficiencyJTh: null,
  efficiencyMiners: 0,
  efficiencyEstimatedMiners: 0,
}

/** Totals of the scope and of each of its sites that has active machines. */
export async function selectTotalsBySite(
  db: Executor,
  scope: Scope,
  at: Date,
): Promise<{ all: FleetTotals; bySite: Map<number, FleetTotals> }> {
  const rows = await db.execute<TotalsRow & { siteId: number | null }>(sql`
    select site_id as "siteId", ${totalsColumns}
    from (${alike(scope, at, sql`true`, sql`site_id`)}) a
    group by grouping sets ((site_id), ())`)
  let all = NO_TOTALS
  const bySite = new Map<number, FleetTotals>()
  for (const { siteId, ...row } of rows) {
    if (siteId === null) all = toTotals(row)
    else bySite.set(siteId, toTotals(row))
  }
  return { all, bySite }
}

export type ModelTotals = FleetTotals & { make: string | null; model: string | null }
export type PlaceTotals = FleetTotals & { place: string | null }

/** Totals of a site, and of it by model and by place; the biggest groups first. */
export async function selectSiteTotals(
  db: Executor,
  scope: Scope,
  siteId: number,
  at: Date,
): Promise<{ all: FleetTotals; byModel: ModelTotals[]; byPlace: PlaceTotals[] }> {
  const rows = await db.execute<
    TotalsRow & {
      byModel: number
      byPlace: number
      make: string | null
      model: string | null
      place: string | null
    }
  >(sql`
    select grouping(make, model) = 0 as "byModel", grouping(place) = 0 as "byPlace", make, model, place, ${totalsColumns}
    from (${alike(scope, at, sql`m.site_id = ${siteId}`, sql`make, model, place`)}) a
    group by grouping sets ((make, model), (place), ())
    order by sum(n) desc, make, model, place`)
  const byModel: ModelTotals[] = []
  const byPlace: PlaceTotals[] = []
  let all = NO_TOTALS
  for (const { byModel: isModel, byPlace: isPlace, make, model, place, ...row } of rows) {
    if (isModel) byModel.push({ ...toTotals(row), make, model })
    else if (isPlace) byPlace.push({ ...toTotals(row), place })
    else all = toTotals(row)
  }
  return { all, byModel, byPlace }
}

export type SiteRow = {
  id: number
  slug: string
  name: string
  location: string | null
  timezone: string
  pollIntervalS: number
  chipWarningC: number
  statusPageEnabled: boolean
  clientCommandsAllowed: boolean
}

const siteColumns = sql`s.id, s.slug, s.name, s.location, s.timezone, s.poll_interval_s as "pollIntervalS",
  s.chip_warning_c as "chipWarningC", s.status_page_enabled as "statusPageEnabled",
  s.client_commands_allowed as "clientCommandsAllowed"`

/** The sites of a scope that are not archived, by name. */
export async function selectSites(db: Executor, scope: Scope): Promise<SiteRow[]> {
  return selectSiteRows(db, siteInScope(scope, sql`s.id`))
}

/** A site of the scope by its id or slug, or null. */
export async function selectSite(
  db: Executor,
  scope: Scope,
  key: { siteId: number } | { slug: string },
): Promise<SiteRow | null> {
  const isIt = "slug" in key ? sql`s.slug = ${key.slug}` : sql`s.id = ${key.siteId}`
  const [row] = await selectSiteRows(db, sql`${isIt} and ${siteInScope(scope, sql`s.id`)}`)
  return row ?? null
}

async function selectSiteRows(db: Executor, where: SQL): Promise<SiteRow[]> {
  const rows = await db.execute<SiteRow>(sql`
    select ${siteColumns} from hosting_sites s where s.archived_at is null and ${where} order by lower(s.name), s.id`)
  return [...rows]
}

export type CollectorHealth = {
  deviceId: number
  name: string
  siteId: number
  siteSlug: string
  siteName: string
  lastSeenAt: Date | null
  silent: boolean
  silentSince: Date | null
  edgeVersion: string | null
  minersKnown: number | null
  minersOnline: number | null
  spoolSamples: number | null
  clockOffsetMs: number | null
}

/** The collectors of a scope that are not revoked, silent ones first. */
export async function selectCollectors(
  db: Executor,
  scope: Scope,
  siteId: number | undefined,
  silent: SQL,
): Promise<CollectorHealth[]> {
  const rows = await db.execute<CollectorHealth>(sql`
    select d.id as "deviceId", d.name, s.id as "siteId", s.slug as "siteSlug", s.name as "siteName",
      d.last_seen_at as "lastSeenAt", ${silent} as silent,
      case when ${silent} then coalesce(d.silent_since, d.last_seen_at, d.enrolled_at) end as "silentSince",
      d.edge_version as "edgeVersion", d.miners_known as "minersKnown", d.miners_online as "minersOnline",
      (d.spool->>'samples')::int as "spoolSamples", d.clock_offset_ms as "clockOffsetMs"
    from edge_devices d join hosting_sites s on s.id = d.site_id and s.archived_at is null
    where d.revoked_at is null and ${siteInScope(scope, sql`d.site_id`)}
      ${siteId === undefined ? sql`` : sql`and d.site_id = ${siteId}`}
    order by ${silent} desc, lower(s.name), lower(d.name), d.id`)
  return [...rows]
}

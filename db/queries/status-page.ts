import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { instant, minerFacts } from "./miner-status.ts"

export type PublicSite = { id: number; name: string; timezone: string; showHashrate: boolean }

/** A site whose public page is switched on, or null: off, archived and unknown look alike. */
export async function selectPublicSite(db: Executor, slug: string): Promise<PublicSite | null> {
  const [row] = await db.execute<PublicSite>(sql`
    select id, name, timezone, status_show_hashrate as "showHashrate" from hosting_sites
    where slug = ${slug} and status_page_enabled and archived_at is null`)
  return row ?? null
}

export type PublicFigures = {
  active: number
  online: number
  offline: number
  unknown: number
  hashrateGhs: number | null
  hashrateMiners: number
  lastUpdateAt: Date | null
}

/** Counts of a site's active machines that ever reported, for its public page; the verb shows shares only. */
export async function selectPublicFigures(db: Executor, siteId: number, at: Date): Promise<PublicFigures> {
  const [row] = await db.execute<PublicFigures>(sql`
    select count(*)::int as active,
      count(*) filter (where is_online)::int as online,
      count(*) filter (where not is_online and not is_unknown)::int as offline,
      count(*) filter (where is_unknown)::int as unknown,
      sum(rate) as "hashrateGhs", count(rate)::int as "hashrateMiners", max(collected_at) as "lastUpdateAt"
    from (select f.is_online, f.is_unknown, case when f.fresh then f.rate_ghs end as rate, f.collected_at
      from ${minerFacts({ kind: "sites", siteIds: [siteId] }, at, { where: sql`m.state = 'active'`, once: true })}
      where f.collected_at is not null) a`)
  return row!
}

export type UptimeDay = { day: string; share: number | null }

/** The last `days` days of a site in its own zone, oldest first, today's last; null where nothing was measured. */
export async function selectUptimeDays(
  db: Executor,
  siteId: number,
  days: number,
  at: Date,
): Promise<UptimeDay[]> {
  const rows = await db.execute<UptimeDay>(sql`
    with site as (select id, (${instant(at)} at time zone timezone)::date as today from hosting_sites where id = ${siteId})
    select to_char(site.today - back, 'YYYY-MM-DD') as day,
      u.samples_online::float8 / nullif(u.samples, 0) as share
    from site cross join generate_series(${days - 1}::int, 0, -1) back
    left join site_uptime_daily u on u.site_id = site.id and u.day = site.today - back
    order by back desc`)
  return [...rows]
}

import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { minerFacts } from "./miner-status.ts"
import { currentOwner, type MinerRow, minerRowColumns } from "./miners-list.ts"
import type { Scope } from "./scope.ts"

export type WatchedMiners = {
  /** Machines online with a temperature, the hottest first. */
  hottest: MinerRow[]
  /** Unhealthy machines, the smallest share of the expected hashrate first, with how many there are in all. */
  unhealthy: MinerRow[]
  unhealthyTotal: number
}

/** The machines of a site to look at first, found in one pass over it; in the order of the lists they are the top of. */
export async function selectWatchedMiners(
  db: Executor,
  scope: Scope,
  siteId: number,
  limits: { hottest: number; unhealthy: number },
  at: Date,
): Promise<WatchedMiners> {
  const where = sql`m.state = 'active' and m.site_id = ${siteId}`
  const rows = await db.execute<
    MinerRow & { list: "hottest" | "unhealthy"; rank: number; total: number }
  >(sql`
    with seen as materialized (
      select f.site_id, f.id, f.name, f.temp_max_c, f.unhealthy,
        case when f.unhealthy then f.share_of_expected end as share
      from ${minerFacts(scope, at, { where, once: true })} where f.is_online
    ), watched as materialized (
      select 'hottest' as list, site_id, id, 0 as total, row_number() over () as rank from (
        select * from seen where temp_max_c is not null
        order by temp_max_c desc, lower(name), site_id, id limit ${limits.hottest}) h
      union all
      select 'unhealthy', site_id, id, total, row_number() over () from (
        select *, count(*) over ()::int as total from seen where unhealthy
        order by share nulls last, lower(name), site_id, id limit ${limits.unhealthy}) u
    )
    select ${minerRowColumns}, w.list, w.rank::int, w.total
    from watched w join ${minerFacts(scope, at)} on f.site_id = w.site_id and f.id = w.id ${currentOwner(at)}
    order by w.list, w.rank`)
  const watched: WatchedMiners = { hottest: [], unhealthy: [], unhealthyTotal: 0 }
  for (const { list, rank: _rank, total, ...row } of rows) {
    watched[list].push(row)
    if (list === "unhealthy") watched.unhealthyTotal = total
  }
  return watched
}

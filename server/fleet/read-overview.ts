import { type FleetEvent, selectFleetEvents } from "#db/queries/fleet-events.ts"
import { collectorIsSilent } from "#db/queries/miner-status.ts"
import {
  type CollectorHealth,
  type FleetTotals,
  NO_TOTALS,
  type SiteRow,
  selectCollectors,
  selectSites,
  selectTotalsBySite,
} from "#db/queries/overview.ts"
import { scopeOf } from "../access/scope.ts"
import { countApprovals } from "../commands/count-approvals.ts"
import type { Context } from "../context.ts"
import { requireViewer } from "./find-site.ts"

export type { CollectorHealth, FleetTotals }

export const CHANGES_HOURS = 1
export const CHANGES_LIMIT = 50

export type SiteTotals = FleetTotals & Pick<SiteRow, "id" | "slug" | "name" | "location" | "timezone">

export type Overview = {
  totals: FleetTotals
  /** Worst first: by the share of machines that are not online, then of hot ones, then by the share of expected. */
  sites: SiteTotals[]
  /** Of the last hour, newest first, at most 50; `changesTotal` says of how many. */
  changes: FleetEvent[]
  changesTotal: number
  /** Empty for those who may not look at collectors, clients among them. */
  collectors: CollectorHealth[]
  /** Commands that wait for an approval, as many as the list of approvals shows him. */
  openApprovals: number
}

/** The state of everything the actor may see (`decisions.md` 32): staff their sites, a client his machines. */
export async function readOverview(ctx: Context): Promise<Overview> {
  requireViewer(ctx)
  const at = ctx.now()
  const scope = scopeOf(ctx.actor, "MINER_VIEW")
  const [totals, sites, changes, collectors, openApprovals] = await Promise.all([
    selectTotalsBySite(ctx.db, scope, at),
    selectSites(ctx.db, scopeOf(ctx.actor, "SITE_VIEW")),
    selectFleetEvents(ctx.db, scope, { since: hoursBefore(at, CHANGES_HOURS), limit: CHANGES_LIMIT }, at),
    selectCollectors(
      ctx.db,
      scopeOf(ctx.actor, "COLLECTOR_MANAGE", "READ"),
      undefined,
      collectorIsSilent(at),
    ),
    countApprovals(ctx),
  ])
  return {
    totals: totals.all,
    sites: sites
      .map(({ id, slug, name, location, timezone }) => ({
        ...(totals.bySite.get(id) ?? NO_TOTALS),
        id,
        slug,
        name,
        location,
        timezone,
      }))
      .sort(worstFirst),
    changes: changes.rows,
    changesTotal: changes.total,
    collectors,
    openApprovals,
  }
}

export function hoursBefore(at: Date, hours: number): Date {
  return new Date(at.getTime() - hours * 3_600_000)
}

/** Sites without machines stand last. */
function worstFirst(a: SiteTotals, b: SiteTotals): number {
  const part = (count: number, site: SiteTotals) => (site.active === 0 ? -1 : count / site.active)
  return (
    part(b.offline + b.unknown, b) - part(a.offline + a.unknown, a) ||
    part(b.hot, b) - part(a.hot, a) ||
    (a.ofExpected?.share ?? 1) - (b.ofExpected?.share ?? 1) ||
    a.name.localeCompare(b.name, "en")
  )
}

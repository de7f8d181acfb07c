import { z } from "zod"
import { type FleetEvent, selectFleetEvents } from "#db/queries/fleet-events.ts"
import { collectorIsSilent } from "#db/queries/miner-status.ts"
import type { MinerRow } from "#db/queries/miners-list.ts"
import { selectWatchedMiners } from "#db/queries/miners-watch.ts"
import {
  type CollectorHealth,
  type FleetTotals,
  type ModelTotals,
  type PlaceTotals,
  type SiteRow,
  selectCollectors,
  selectSiteTotals,
} from "#db/queries/overview.ts"
import { parseInput } from "../access/parse-input.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { findSite, requireViewer } from "./find-site.ts"
import { CHANGES_HOURS, CHANGES_LIMIT, hoursBefore } from "./read-overview.ts"

export type { CollectorHealth, FleetTotals, ModelTotals, PlaceTotals, SiteRow }

const WATCHED = { hottest: 10, unhealthy: 8 }

export const readSiteDashboardInput = z.object({ slug: z.string().min(1).max(64) })

export type SiteDashboard = {
  site: SiteRow
  totals: FleetTotals
  changes: FleetEvent[]
  changesTotal: number
  collectors: CollectorHealth[]
  /** At most ten machines online with a temperature, the hottest first. */
  hottest: MinerRow[]
  /** At most eight machines that are not healthy, the smallest share of the expected hashrate first. */
  unhealthy: MinerRow[]
  unhealthyTotal: number
  /** Active machines by make and model, and by place; the biggest groups first, null where nobody knows. */
  byModel: ModelTotals[]
  byPlace: PlaceTotals[]
}

/** A site as the actor may see it: a client his own machines of it. Throws NOT_FOUND for a foreign site. */
export async function readSiteDashboard(
  ctx: Context,
  input: z.input<typeof readSiteDashboardInput>,
): Promise<SiteDashboard> {
  requireViewer(ctx)
  const site = await findSite(ctx, parseInput(readSiteDashboardInput, input))
  const at = ctx.now()
  const scope = scopeOf(ctx.actor, "MINER_VIEW")
  const since = hoursBefore(at, CHANGES_HOURS)
  const [totals, changes, collectors, watched] = await Promise.all([
    selectSiteTotals(ctx.db, scope, site.id, at),
    selectFleetEvents(ctx.db, scope, { siteId: site.id, since, limit: CHANGES_LIMIT }, at),
    selectCollectors(ctx.db, scopeOf(ctx.actor, "COLLECTOR_MANAGE", "READ"), site.id, collectorIsSilent(at)),
    selectWatchedMiners(ctx.db, scope, site.id, WATCHED, at),
  ])
  return {
    site,
    totals: totals.all,
    byModel: totals.byModel,
    byPlace: totals.byPlace,
    changes: changes.rows,
    changesTotal: changes.total,
    collectors,
    ...watched,
  }
}

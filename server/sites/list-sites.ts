import { listSiteRows } from "#db/queries/sites.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

export type SiteListRow = {
  id: number
  slug: string
  name: string
  location: string | null
  timezone: string
  pollIntervalS: number
  statusPageEnabled: boolean
}

/** The sites the actor sees, by name. */
export async function listSites(ctx: Context): Promise<SiteListRow[]> {
  const rows = await listSiteRows(ctx.db, scopeOf(ctx.actor, "SITE_VIEW"))
  return rows.map(({ id, slug, name, location, timezone, pollIntervalS, statusPageEnabled }) => ({
    id,
    slug,
    name,
    location,
    timezone,
    pollIntervalS,
    statusPageEnabled,
  }))
}

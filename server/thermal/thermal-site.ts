import { findSiteBySlug, type Site } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Level } from "#server/contract/permissions.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

/** The site of a slug for somebody with THERMAL_MANAGE at `need`. Throws NOT_FOUND, FORBIDDEN, UNAUTHENTICATED. */
export async function thermalSite(ctx: Context, slug: string, need: Level): Promise<Site> {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const site = await findSiteBySlug(ctx.db, scopeOf(ctx.actor, "SITE_VIEW"), slug)
  if (!site || site.archivedAt) throw new DomainError("NOT_FOUND", "There is no such site.")
  requirePermission(ctx, "THERMAL_MANAGE", site.id, need)
  return site
}

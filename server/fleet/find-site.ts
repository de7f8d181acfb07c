import { type SiteRow, selectSite } from "#db/queries/overview.ts"
import { DomainError } from "#server/contract/errors.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

/** The site of a filter or page, if the actor may see it. Throws NOT_FOUND for any other. */
export async function findSite(ctx: Context, key: { siteId: number } | { slug: string }): Promise<SiteRow> {
  const site = await selectSite(ctx.db, scopeOf(ctx.actor, "SITE_VIEW"), key)
  if (!site) throw new DomainError("NOT_FOUND", "There is no such site.")
  return site
}

/** Refuses whoever is not logged in; collectors have verbs of their own. */
export function requireViewer(ctx: Context): void {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  if (ctx.actor.kind === "device") throw new DomainError("FORBIDDEN", "A collector may not read pages.")
}

import type { Scope } from "#db/queries/scope.ts"
import { DomainError } from "#server/contract/errors.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

/**
 * What the actor may see of discovery: the sites where he may look at collectors, or the one that is given. Throws
 * FORBIDDEN where his role shows him none anywhere, NOT_FOUND for a foreign site.
 */
export function requireLooker(ctx: Context, siteId?: number): Scope {
  if (siteId !== undefined) requirePermission(ctx, "COLLECTOR_MANAGE", siteId, "READ")
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const scope = scopeOf(ctx.actor, "COLLECTOR_MANAGE", "READ")
  const none = ctx.actor.kind === "device" || (scope.kind !== "all" && scope.siteIds.length === 0)
  if (none) throw new DomainError("FORBIDDEN", "Your role does not allow that.")
  return scope
}

import type { Scope } from "#db/queries/scope.ts"
import { DomainError } from "#server/contract/errors.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

/** Whose rows the actor reads, at one site or at all of his. Throws UNAUTHENTICATED, FORBIDDEN or, for a foreign site, NOT_FOUND. */
export function auditScopeOf(ctx: Context, siteId: number | undefined): Scope {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  if (siteId !== undefined) requirePermission(ctx, "AUDIT_VIEW", siteId, "FULL")
  const scope = scopeOf(ctx.actor, "AUDIT_VIEW", "FULL")
  if (ctx.actor.kind === "device" || (scope.kind !== "all" && scope.siteIds.length === 0))
    throw new DomainError("FORBIDDEN", "Your role does not allow to read the audit log.")
  return scope
}

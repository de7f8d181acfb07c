import type { PeopleScope } from "#db/queries/people.ts"
import { DomainError } from "#server/contract/errors.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

/** The clients whom the actor may give machines: he may edit machines at the sites where they own some. */
export function requireClientScope(ctx: Context): PeopleScope {
  const { actor } = ctx
  if (actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const scope = scopeOf(actor, "MINER_EDIT", "FULL")
  if (scope.kind === "all") return scope
  if (actor.kind !== "user" || scope.kind !== "sites" || scope.siteIds.length === 0)
    throw new DomainError("FORBIDDEN", "Your role does not allow to see clients.")
  return { kind: "sites", siteIds: scope.siteIds, creatorId: actor.userId }
}

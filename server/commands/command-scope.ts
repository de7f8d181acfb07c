import { type CommandScope, isCommandInScope } from "#db/queries/commands-scope.ts"
import { DomainError } from "#server/contract/errors.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

/**
 * Which commands an actor may look at: all of the sites where he may read them, his own requests where he may see only
 * those, and for a client the commands on machines he owned when they were requested. Throws UNAUTHENTICATED.
 */
export function commandScopeOf(ctx: Context): CommandScope {
  const { actor } = ctx
  if (actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const own = scopeOf(actor, "REMOTE_CONTROL_AUDIT", "OWN")
  if (own.kind === "owned") return { kind: "client", userId: own.userId, siteIds: own.siteIds }
  const read = scopeOf(actor, "REMOTE_CONTROL_AUDIT", "READ")
  if (read.kind === "all") return { kind: "all" }
  return {
    kind: "staff",
    userId: actor.kind === "user" ? actor.userId : null,
    readSiteIds: read.kind === "sites" ? read.siteIds : [],
    ownSiteIds: own.kind === "sites" ? own.siteIds : [],
  }
}

export function seesCommand(ctx: Context, command: { siteId: number; id: string }): Promise<boolean> {
  return isCommandInScope(ctx.db, commandScopeOf(ctx), command)
}

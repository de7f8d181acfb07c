import type { PolicySite } from "#db/queries/commands.ts"
import type { StoredAction } from "#server/contract/command-parameters.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Role } from "#server/contract/permissions.ts"
import { roleAt } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { decideCommand, type PolicyDecision } from "./policy.ts"

/** Commands are asked for by people and, in nobody's name, by schedules and alerts. */
export function requireRequester(ctx: Context): void {
  if (ctx.actor.kind === "user" || ctx.actor.kind === "system") return
  if (ctx.actor.kind === "device") throw new DomainError("FORBIDDEN", "A collector may not request commands.")
  throw new DomainError("UNAUTHENTICATED", "Log in first.")
}

/** The role that the policy judges by; the system's own requests count as an operator's. Null: no role there. */
export function requesterRole(ctx: Context, siteId: number): Role | null {
  return ctx.actor.kind === "user" ? roleAt(ctx.actor, siteId) : "operator"
}

/** What the policy says to this action on so many machines of a site, for whoever acts. */
export function decideAt(
  ctx: Context,
  site: PolicySite,
  action: StoredAction,
  targets: number,
): PolicyDecision {
  const role = requesterRole(ctx, site.id)
  if (!role) throw new DomainError("NOT_FOUND", "There is no such machine.")
  return decideCommand({ action, role, targets, site })
}

/** Whether each machine is backed up before it is changed. */
export function backsUpFirst(
  action: StoredAction,
  site: Pick<PolicySite, "backupBeforeChange">,
  asked: boolean | undefined,
): boolean {
  const changes = action.type === "CHANGE_POOL" || action.type === "UPDATE_FIRMWARE"
  return changes && (site.backupBeforeChange || asked === true)
}

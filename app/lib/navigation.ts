import type { Actor } from "#server/access/actor.ts"
import { scopeOf } from "#server/access/scope.ts"
import type { Level, Permission } from "#server/contract/permissions.ts"

export type NavName =
  | "overview"
  | "sites"
  | "miners"
  | "commands"
  | "approvals"
  | "collectors"
  | "users"
  | "clients"
  | "audit"

/** The pages that have something to show to an actor; what each of them allows is decided by its verbs. */
export function navigationFor(actor: Actor): NavName[] {
  const names: NavName[] = ["overview", "sites", "miners", "commands"]
  if (mayAnywhere(actor, "REMOTE_CONTROL_EXECUTE", "FULL")) names.push("approvals")
  if (mayAnywhere(actor, "COLLECTOR_MANAGE", "READ")) names.push("collectors")
  if (mayAnywhere(actor, "USER_MANAGE", "FULL")) names.push("users", "clients")
  if (mayAnywhere(actor, "AUDIT_VIEW", "READ")) names.push("audit")
  return names
}

/** True when the permission holds at some site: whether a page or a button is worth showing. */
export function mayAnywhere(actor: Actor, permission: Permission, need: Level): boolean {
  const scope = scopeOf(actor, permission, need)
  return scope.kind === "all" || scope.siteIds.length > 0
}

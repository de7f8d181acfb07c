import type { Actor } from "#server/access/actor.ts"
import { levelAt } from "#server/access/permission.ts"
import { scopeOf } from "#server/access/scope.ts"
import { type Level, levelAtLeast, type Permission } from "#server/contract/permissions.ts"

export type NavName =
  | "overview"
  | "sites"
  | "miners"
  | "commands"
  | "approvals"
  | "templates"
  | "backups"
  | "collectors"
  | "discovery"
  | "support"
  | "users"
  | "clients"
  | "firmware"
  | "audit"

/** The pages that have something to show to an actor; what each of them allows is decided by its verbs. */
export function navigationFor(actor: Actor): NavName[] {
  const names: NavName[] = ["overview", "sites", "miners", "commands"]
  if (mayAnywhere(actor, "REMOTE_CONTROL_EXECUTE", "FULL")) names.push("approvals")
  if (seesTemplates(actor)) names.push("templates")
  if (seesBackups(actor)) names.push("backups")
  if (mayAnywhere(actor, "COLLECTOR_MANAGE", "READ")) names.push("collectors", "discovery", "support")
  if (mayAnywhere(actor, "USER_MANAGE", "FULL")) names.push("users", "clients")
  if (mayAnywhere(actor, "REMOTE_CONTROL_REQUEST", "FULL")) names.push("firmware")
  if (mayAnywhere(actor, "AUDIT_VIEW", "READ")) names.push("audit")
  return names
}

/** True when the permission holds at some site: whether a page or a button is worth showing. */
export function mayAnywhere(actor: Actor, permission: Permission, need: Level): boolean {
  const scope = scopeOf(actor, permission, need)
  return scope.kind === "all" || scope.siteIds.length > 0
}

/** Templates are for a site's people who may ask for commands. */
export function seesTemplates(actor: Actor): boolean {
  const isStaff = actor.kind === "user" && actor.account === "staff"
  return isStaff && mayAnywhere(actor, "REMOTE_CONTROL_REQUEST", "OWN")
}

/** Backups of all machines of a site, or of a client's own; a technician, who sees his own commands alone, has none. */
export function seesBackups(actor: Actor): boolean {
  const isClient = actor.kind === "user" && actor.account === "client"
  return mayAnywhere(actor, "REMOTE_CONTROL_AUDIT", isClient ? "OWN" : "READ")
}

/** The same at one site. */
export function seesBackupsAt(actor: Actor, siteId: number): boolean {
  const isClient = actor.kind === "user" && actor.account === "client"
  return levelAtLeast(levelAt(actor, "REMOTE_CONTROL_AUDIT", siteId), isClient ? "OWN" : "READ")
}

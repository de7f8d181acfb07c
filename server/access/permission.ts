import { DomainError } from "#server/contract/errors.ts"
import {
  type Level,
  levelAtLeast,
  PERMISSION_TABLE,
  type Permission,
  type Role,
} from "#server/contract/permissions.ts"
import type { Context } from "../context.ts"
import type { Actor, UserActor } from "./actor.ts"

/** The role an actor has at a site, or null when the site does not exist for him. */
export function roleAt(actor: UserActor, siteId: number): Role | null {
  if (actor.account === "client") return actor.ownedSiteIds.includes(siteId) ? "client" : null
  if (actor.globalRole === "admin") return "admin"
  const membership = actor.memberships.get(siteId)
  if (membership) return membership
  return actor.globalRole === "auditor" ? "auditor" : null
}

/** What an actor may do at a site. The system may do everything, a device and an anonymous nothing (they have their own verbs). */
export function levelAt(actor: Actor, permission: Permission, siteId: number): Level {
  if (actor.kind === "system") return "FULL"
  if (actor.kind !== "user") return "NONE"
  const role = roleAt(actor, siteId)
  return role ? PERMISSION_TABLE[permission][role] : "NONE"
}

/** True when the site exists for the actor at all. */
export function seesSite(actor: Actor, siteId: number): boolean {
  return levelAt(actor, "SITE_VIEW", siteId) !== "NONE"
}

/**
 * Demands a level at a site and returns the level the actor has (OWN callers narrow their queries by it).
 * A site he cannot see is NOT_FOUND; one he sees without the level is FORBIDDEN; nobody logged in is UNAUTHENTICATED.
 */
export function requirePermission(ctx: Context, permission: Permission, siteId: number, need: Level): Level {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const have = levelAt(ctx.actor, permission, siteId)
  if (levelAtLeast(have, need)) return have
  if (!seesSite(ctx.actor, siteId)) throw new DomainError("NOT_FOUND", "There is no such site.")
  throw new DomainError("FORBIDDEN", "Your role at this site does not allow that.")
}

/** Demands a global admin (or the system). */
export function requireAdmin(ctx: Context): void {
  if (ctx.actor.kind === "system") return
  if (ctx.actor.kind === "user" && ctx.actor.globalRole === "admin" && ctx.actor.account === "staff") return
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  throw new DomainError("FORBIDDEN", "Only an admin may do that.")
}

/** Demands a person who is logged in. */
export function requireUser(ctx: Context): UserActor {
  if (ctx.actor.kind === "user") return ctx.actor
  throw new DomainError("UNAUTHENTICATED", "Log in first.")
}

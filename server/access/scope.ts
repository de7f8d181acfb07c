import type { Scope } from "#db/queries/scope.ts"
import { type Level, levelAtLeast, PERMISSION_TABLE, type Permission } from "#server/contract/permissions.ts"
import type { Actor } from "./actor.ts"

export type { Scope }

/**
 * The rows an actor may see under a permission, at least at `need`: everything, the sites where his role allows it,
 * or, for a client, the machines he owns today. Every query of a verb takes one.
 */
export function scopeOf(actor: Actor, permission: Permission, need: Level = "OWN"): Scope {
  if (actor.kind === "system") return { kind: "all" }
  if (actor.kind === "device") return { kind: "sites", siteIds: [actor.siteId] }
  if (actor.kind === "anonymous") return { kind: "sites", siteIds: [] }
  const grants = PERMISSION_TABLE[permission]
  if (actor.account === "client") {
    if (!levelAtLeast(grants.client, need)) return { kind: "sites", siteIds: [] }
    return { kind: "owned", userId: actor.userId, siteIds: [...actor.ownedSiteIds] }
  }
  if (actor.globalRole === "admin" && levelAtLeast(grants.admin, need)) return { kind: "all" }
  if (actor.globalRole === "auditor" && levelAtLeast(grants.auditor, need)) return { kind: "all" }
  const siteIds = [...actor.memberships]
    .filter(([, role]) => levelAtLeast(grants[role], need))
    .map(([siteId]) => siteId)
  return { kind: "sites", siteIds }
}

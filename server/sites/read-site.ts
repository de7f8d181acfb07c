import { findUserName } from "#db/queries/people.ts"
import { findSiteBySlug, type Site } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { type Level, levelAtLeast, type Permission } from "#server/contract/permissions.ts"
import { levelAt } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

export type SiteCan = {
  /** Change settings. */
  manage: boolean
  viewSettings: boolean
  viewCollectors: boolean
  viewThermal: boolean
  manageCollectors: boolean
  editMiners: boolean
  assignOwners: boolean
  requestCommands: boolean
  approveCommands: boolean
  manageUsers: boolean
  viewAudit: boolean
}
export type ReadSite = Site & {
  /** Who turned the kill switch; null while it is off, and for clients. */
  commandsPausedByName: string | null
  can: SiteCan
}

/** A site with its settings and what the actor may do there. A client gets no contact. Throws NOT_FOUND. */
export async function readSite(ctx: Context, input: { slug: string }): Promise<ReadSite> {
  const site = await findSiteBySlug(ctx.db, scopeOf(ctx.actor, "SITE_VIEW"), input.slug)
  if (!site) throw new DomainError("NOT_FOUND", "There is no such site.")
  const may = (permission: Permission, need: Level) =>
    levelAtLeast(levelAt(ctx.actor, permission, site.id), need)
  const paused = site.commandsPausedBy === null ? null : await findUserName(ctx.db, site.commandsPausedBy)
  const isClient = ctx.actor.kind === "user" && ctx.actor.account === "client"
  return {
    ...site,
    contact: isClient ? null : site.contact,
    ownerId: isClient ? null : site.ownerId,
    commandsPausedBy: isClient ? null : site.commandsPausedBy,
    commandsPauseReason: isClient ? null : site.commandsPauseReason,
    commandsPausedByName: isClient ? null : paused,
    can: {
      manage: may("SITE_MANAGE", "FULL"),
      viewSettings: may("SITE_MANAGE", "READ"),
      viewCollectors: may("COLLECTOR_MANAGE", "READ"),
      viewThermal: may("THERMAL_MANAGE", "READ"),
      manageCollectors: may("COLLECTOR_MANAGE", "FULL"),
      editMiners: may("MINER_EDIT", "OWN"),
      assignOwners: may("MINER_EDIT", "FULL"),
      requestCommands: may("REMOTE_CONTROL_REQUEST", "OWN") && (!isClient || site.clientCommandsAllowed),
      approveCommands: may("REMOTE_CONTROL_EXECUTE", "FULL"),
      manageUsers: may("USER_MANAGE", "FULL"),
      viewAudit: may("AUDIT_VIEW", "READ"),
    },
  }
}

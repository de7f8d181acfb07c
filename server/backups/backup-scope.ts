import { z } from "zod"
import { type BackupRow, selectBackupPage } from "#db/queries/backups.ts"
import { DomainError } from "#server/contract/errors.ts"
import { requirePermission } from "../access/permission.ts"
import { type Scope, scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

/**
 * Backups that an actor may look at: those of the sites whose commands he may read, and for a client those of machines
 * he owns, taken since he does. Throws FORBIDDEN when that is none whatever there is.
 */
export function backupScopeOf(ctx: Context): Scope {
  const { actor } = ctx
  if (actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const isClient = actor.kind === "user" && actor.account === "client"
  const scope = scopeOf(actor, "REMOTE_CONTROL_AUDIT", isClient ? "OWN" : "READ")
  if (actor.kind === "device" || (scope.kind === "sites" && scope.siteIds.length === 0))
    throw new DomainError("FORBIDDEN", "Your role does not allow to see backups.")
  return scope
}

/** One backup that the actor may look at. Throws NOT_FOUND for any other. */
export async function findBackup(ctx: Context, backupId: string): Promise<BackupRow> {
  const scope = backupScopeOf(ctx)
  const [row] = z.uuid().safeParse(backupId).success
    ? await selectBackupPage(ctx.db, scope, { id: backupId }, ctx.now(), { limit: 1, offset: 0 })
    : []
  if (!row) throw new DomainError("NOT_FOUND", "There is no such backup.")
  return row
}

/** One backup that the actor may change or restore: he may ask for every command at its site. */
export async function findChangeableBackup(ctx: Context, backupId: string): Promise<BackupRow> {
  const row = await findBackup(ctx, backupId)
  requirePermission(ctx, "REMOTE_CONTROL_REQUEST", row.siteId, "FULL")
  return row
}

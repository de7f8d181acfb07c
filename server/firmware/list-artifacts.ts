import { type ArtifactRow, selectArtifacts } from "#db/queries/firmware.ts"
import { DomainError } from "#server/contract/errors.ts"
import { requireUser } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

export type { ArtifactRow }
export type ArtifactList = { artifacts: ArtifactRow[]; can: { manage: boolean } }

/** Firmware files, newest first, for whoever may ask for an update at some site; admins may upload and delete. */
export async function listArtifacts(ctx: Context): Promise<ArtifactList> {
  const actor = requireUser(ctx)
  const scope = scopeOf(actor, "REMOTE_CONTROL_REQUEST", "FULL")
  if (scope.kind !== "all" && scope.siteIds.length === 0)
    throw new DomainError("FORBIDDEN", "Your role does not allow to update firmware.")
  const manage = actor.account === "staff" && actor.globalRole === "admin"
  return { artifacts: await selectArtifacts(ctx.db), can: { manage } }
}

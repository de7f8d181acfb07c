import { requireUser } from "#server/access/permission.ts"
import type { Context } from "#server/context.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Level, Permission } from "#server/contract/permissions.ts"
import { mayAnywhere, seesTemplates } from "./navigation.ts"
import { translator } from "./strings/translate.ts"

/** For pages over all sites: refuses whoever has the permission at none of them, instead of showing an empty list. */
export function requireAnywhere(ctx: Context, permission: Permission, need: Level): void {
  requireUser(ctx)
  if (!mayAnywhere(ctx.actor, permission, need))
    throw new DomainError("FORBIDDEN", translator("en")("shell.errors.FORBIDDEN.body"))
}

/** For the pages of templates, which are a site's people's. */
export function requireTemplates(ctx: Context): void {
  requireUser(ctx)
  if (!seesTemplates(ctx.actor))
    throw new DomainError("FORBIDDEN", translator("en")("shell.errors.FORBIDDEN.body"))
}

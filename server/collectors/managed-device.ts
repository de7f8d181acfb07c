import { type DeviceOfSite, findDevice } from "#db/queries/collectors.ts"
import { DomainError } from "#server/contract/errors.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

/** The device that the actor may change. NOT_FOUND when he may not even look at it, FORBIDDEN when he may only look. */
export async function requireManagedDevice(ctx: Context, deviceId: number): Promise<DeviceOfSite> {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const scope = scopeOf(ctx.actor, "COLLECTOR_MANAGE", "READ")
  const device = ctx.actor.kind === "device" ? null : await findDevice(ctx.db, scope, deviceId)
  if (!device) throw new DomainError("NOT_FOUND", "There is no such collector.")
  requirePermission(ctx, "COLLECTOR_MANAGE", device.siteId, "FULL")
  return device
}

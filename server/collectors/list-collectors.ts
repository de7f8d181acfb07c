import { listDevices } from "#db/queries/collectors.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { type CollectorRow, collectorRow } from "./collector-row.ts"

/** The collectors the actor may look at, by site and name, the revoked ones last; of one site if given. */
export async function listCollectors(ctx: Context, input: { siteId?: number } = {}): Promise<CollectorRow[]> {
  if (input.siteId !== undefined) requirePermission(ctx, "COLLECTOR_MANAGE", input.siteId, "READ")
  const scope = scopeOf(ctx.actor, "COLLECTOR_MANAGE", "READ")
  const devices = await listDevices(ctx.db, scope, input.siteId ?? null)
  const now = ctx.now()
  return devices.map((device) => collectorRow(device, now))
}

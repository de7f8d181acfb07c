import type { Transaction } from "#db/client.ts"
import { type ScheduleRow, selectSchedules } from "#db/queries/discovery-schedules.ts"
import { DomainError } from "#server/contract/errors.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

/** The schedule that the actor may change. NOT_FOUND when he may not even look at it, FORBIDDEN when he may only look. */
export async function requireManagedSchedule(
  tx: Transaction,
  ctx: Context,
  id: number,
): Promise<ScheduleRow> {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const scope = scopeOf(ctx.actor, "COLLECTOR_MANAGE", "READ")
  const [schedule] = ctx.actor.kind === "device" ? [] : await selectSchedules(tx, scope, { id })
  if (!schedule) throw new DomainError("NOT_FOUND", "There is no such schedule.")
  requirePermission(ctx, "COLLECTOR_MANAGE", schedule.siteId, "FULL")
  return schedule
}

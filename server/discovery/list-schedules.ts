import { type ScheduleRow, selectSchedules } from "#db/queries/discovery-schedules.ts"
import type { Context } from "../context.ts"
import { requireLooker } from "./require-looker.ts"

export type { ScheduleRow }

/** Schedules of scans that the actor may look at, by site and collector. */
export async function listSchedules(
  ctx: Context,
  input: { siteId?: number; deviceId?: number; scheduleId?: number } = {},
): Promise<ScheduleRow[]> {
  const scope = requireLooker(ctx, input.siteId)
  const { siteId, deviceId, scheduleId: id } = input
  return selectSchedules(ctx.db, scope, { siteId, deviceId, id })
}

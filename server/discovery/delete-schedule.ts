import { deleteSchedule as deleteRow } from "#db/queries/discovery-schedules.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { requireManagedSchedule } from "./managed-schedule.ts"

/** Ends a schedule; the scans that it made stay. Throws NOT_FOUND. */
export async function deleteSchedule(ctx: Context, input: { scheduleId: number }): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const { siteId, deviceId, targets, everyHours, dailyAt, autoAccept } = await requireManagedSchedule(
      tx,
      ctx,
      input.scheduleId,
    )
    await deleteRow(tx, input.scheduleId)
    await writeAudit(tx, ctx, {
      action: "discovery.delete-schedule",
      siteId,
      subjectType: "discovery-schedule",
      subjectId: input.scheduleId,
      before: { deviceId, targets: targets.slice(0, 20), everyHours, dailyAt, autoAccept },
    })
    await notifyLive(tx, { kind: "discovery", siteId, deviceId, at: ctx.now().toISOString() })
  })
}

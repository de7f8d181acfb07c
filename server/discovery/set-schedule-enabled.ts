import { updateSchedule } from "#db/queries/discovery-schedules.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { requireManagedSchedule } from "./managed-schedule.ts"
import { nextRun } from "./next-run.ts"

/** Lets a schedule look by itself, or not. Switched on, it looks at its next time, not at those it missed. Throws NOT_FOUND. */
export async function setScheduleEnabled(
  ctx: Context,
  input: { scheduleId: number; enabled: boolean },
): Promise<void> {
  const { scheduleId, enabled } = input
  await ctx.db.transaction(async (tx) => {
    const schedule = await requireManagedSchedule(tx, ctx, scheduleId)
    if (schedule.enabled === enabled) return
    const at = ctx.now()
    const nextAt = enabled ? nextRun(schedule, schedule.timezone, at) : schedule.nextAt
    await updateSchedule(tx, scheduleId, { enabled, nextAt })
    const { siteId, deviceId } = schedule
    await writeAudit(tx, ctx, {
      action: enabled ? "discovery.enable-schedule" : "discovery.disable-schedule",
      siteId,
      subjectType: "discovery-schedule",
      subjectId: scheduleId,
    })
    await notifyLive(tx, { kind: "discovery", siteId, deviceId, at: at.toISOString() })
  })
}

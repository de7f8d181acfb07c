import { z } from "zod"
import { insertSchedule, selectSchedules, updateSchedule } from "#db/queries/discovery-schedules.ts"
import { findSite } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import { requireManagedDevice } from "../collectors/managed-device.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { nextRun } from "./next-run.ts"
import { scanFields } from "./scan-input.ts"
import { scanRanges } from "./scan-ranges.ts"

const times = z
  .object({
    everyHours: z
      .number()
      .int("Whole hours.")
      .min(1, "At least every hour.")
      .max(720, "At most 720.")
      .nullable(),
    dailyAt: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Give a time like 06:30.")
      .nullable(),
  })
  .refine(({ everyHours, dailyAt }) => (everyHours === null) !== (dailyAt === null), {
    path: ["everyHours"],
    message: "Choose every so many hours, or a time of the day.",
  })

export const saveScheduleInput = z
  .object({ scheduleId: z.number().int().optional(), ...scanFields })
  .and(times)

/**
 * Makes a schedule of scans, or changes one: it looks first after its hours, or at its next time of the day (of the
 * site's zone). Throws INVALID at `targets`, `everyHours` or `dailyAt`, NOT_FOUND, CONFLICT for a revoked collector.
 */
export async function saveSchedule(
  ctx: Context,
  input: z.input<typeof saveScheduleInput>,
): Promise<{ scheduleId: number; nextAt: Date }> {
  const device = await requireManagedDevice(ctx, input.deviceId)
  const { scheduleId, deviceId, includeEdges, options, autoAccept, everyHours, dailyAt, ...given } =
    parseInput(saveScheduleInput, input)
  const { total } = scanRanges(given.targets, { edges: includeEdges })
  const targets = given.targets.map((text) => text.trim().slice(0, 64))
  if (device.revokedAt) throw new DomainError("CONFLICT", "This collector was revoked.")
  const { siteId } = device
  return ctx.db.transaction(async (tx) => {
    const site = await findSite(tx, siteId)
    const at = ctx.now()
    const nextAt = nextRun({ everyHours, dailyAt }, site?.timezone ?? "UTC", at)
    const row = { deviceId, targets, options, includeEdges, everyHours, dailyAt, autoAccept, nextAt }
    let id = scheduleId
    if (id === undefined) {
      const createdBy = ctx.actor.kind === "user" ? ctx.actor.userId : null
      id = await insertSchedule(tx, { ...row, siteId, createdBy, createdAt: at })
    } else {
      const [before] = await selectSchedules(tx, { kind: "sites", siteIds: [siteId] }, { id })
      if (!before) throw new DomainError("NOT_FOUND", "There is no such schedule.")
      await updateSchedule(tx, id, row)
    }
    await writeAudit(tx, ctx, {
      action: scheduleId === undefined ? "discovery.create-schedule" : "discovery.change-schedule",
      siteId,
      subjectType: "discovery-schedule",
      subjectId: id,
      after: { deviceId, targets: targets.slice(0, 20), addresses: total, everyHours, dailyAt, autoAccept },
    })
    await notifyLive(tx, { kind: "discovery", siteId, deviceId, at: at.toISOString() })
    return { scheduleId: id, nextAt }
  })
}

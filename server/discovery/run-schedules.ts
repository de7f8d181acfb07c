import type { Transaction } from "#db/client.ts"
import { deleteOldScans, endLostScans, insertScan } from "#db/queries/discovery-scans.ts"
import {
  lockDueSchedules,
  type Schedule,
  scheduleIsBusy,
  updateSchedule,
} from "#db/queries/discovery-schedules.ts"
import { findSite } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyCommands, notifyLive } from "../live/notify-live.ts"
import { nextRun } from "./next-run.ts"
import { scanRanges } from "./scan-ranges.ts"

const BATCH = 100
const HOUR_MS = 3_600_000
/** A collector that is away keeps its scan and goes on with it; after this nobody counts on that. */
const LOST_AFTER_MS = 24 * HOUR_MS
const KEPT_MS = 90 * 24 * HOUR_MS

/**
 * Asks for the scans whose time has come, ends those that nobody works on any more, and forgets old ones. A schedule
 * whose last scan is not over is passed over until its next time. Idempotent, safe with two workers.
 */
export async function runSchedules(
  ctx: Context,
): Promise<{ begun: number; ended: number; forgotten: number }> {
  if (ctx.actor.kind !== "system") throw new DomainError("FORBIDDEN", "Only the worker runs schedules.")
  const now = ctx.now()
  const before = (ms: number) => new Date(now.getTime() - ms)
  return ctx.db.transaction(async (tx) => {
    let begun = 0
    for (const schedule of await lockDueSchedules(tx, now, BATCH))
      if (await runOne(tx, ctx, schedule)) begun += 1
    const lost = before(LOST_AFTER_MS)
    const ended = await endLostScans(tx, { requestedBefore: lost, silentSince: lost, at: now })
    for (const { siteId, deviceId } of ended)
      await notifyLive(tx, { kind: "discovery", siteId, deviceId, at: now.toISOString() })
    return { begun, ended: ended.length, forgotten: await deleteOldScans(tx, before(KEPT_MS)) }
  })
}

async function runOne(tx: Transaction, ctx: Context, schedule: Schedule): Promise<boolean> {
  const { id, siteId, deviceId, options, autoAccept } = schedule
  const at = ctx.now()
  const site = await findSite(tx, siteId)
  await updateSchedule(tx, id, { nextAt: nextRun(schedule, site?.timezone ?? "UTC", at) })
  if (await scheduleIsBusy(tx, id)) return false
  const { targets, ranges, total } = scanRanges(schedule.targets, { edges: schedule.includeEdges })
  const scanId = crypto.randomUUID()
  await insertScan(tx, {
    id: scanId,
    siteId,
    deviceId,
    source: "schedule",
    scheduleId: id,
    requestId: scanId,
    requestedBy: null,
    requestedAt: at,
    targets,
    ranges,
    options,
    autoAccept,
    total,
  })
  await writeAudit(tx, ctx, {
    action: "discovery.request-scan",
    siteId,
    subjectType: "scan",
    subjectId: scanId,
    after: { deviceId, scheduleId: id, addresses: total, autoAccept },
  })
  await notifyCommands(tx, deviceId)
  await notifyLive(tx, { kind: "discovery", siteId, deviceId, at: at.toISOString() })
  return true
}

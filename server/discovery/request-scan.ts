import { z } from "zod"
import { findScanOfRequest, insertScan, selectWork } from "#db/queries/discovery-scans.ts"
import { lockSite } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import { requireManagedDevice } from "../collectors/managed-device.ts"
import type { Context } from "../context.ts"
import { notifyCommands, notifyLive } from "../live/notify-live.ts"
import { scanFields } from "./scan-input.ts"
import { scanRanges } from "./scan-ranges.ts"

/** More would wait for days. */
const MAX_OPEN = 5

export const requestScanInput = z.object({ requestId: z.uuid(), ...scanFields })

/**
 * Asks a collector to look for machines; it hears of it within a second where its line is up. The same `requestId` is
 * one scan. Throws INVALID at `targets`, CONFLICT for a collector that was revoked or has five scans to do.
 */
export async function requestScan(
  ctx: Context,
  input: z.input<typeof requestScanInput>,
): Promise<{ scanId: string; total: number; siteId: number }> {
  const device = await requireManagedDevice(ctx, input.deviceId)
  const { requestId, options, autoAccept, ...given } = parseInput(requestScanInput, input)
  const { targets, ranges, total } = scanRanges(given.targets, { edges: given.includeEdges })
  if (device.revokedAt) throw new DomainError("CONFLICT", "This collector was revoked.")
  const { id: deviceId, siteId } = device
  return ctx.db.transaction(async (tx) => {
    await lockSite(tx, siteId)
    const before = await findScanOfRequest(tx, siteId, requestId)
    if (before !== null) return { scanId: before, total, siteId }
    if ((await selectWork(tx, deviceId)).open >= MAX_OPEN)
      throw new DomainError(
        "CONFLICT",
        `This collector has ${MAX_OPEN} scans to do. Wait for one, or cancel it.`,
      )
    const at = ctx.now()
    const scanId = crypto.randomUUID()
    await insertScan(tx, {
      id: scanId,
      siteId,
      deviceId,
      source: "manual",
      requestId,
      requestedBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
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
      after: { deviceId, targets: targets.slice(0, 20), addresses: total, autoAccept, ...options },
    })
    await notifyCommands(tx, deviceId)
    await notifyLive(tx, { kind: "discovery", siteId, deviceId, at: at.toISOString() })
    return { scanId, total, siteId }
  })
}

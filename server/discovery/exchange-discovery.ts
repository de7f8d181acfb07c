import type { z } from "zod"
import type { Transaction } from "#db/client.ts"
import { lockScansOfDevice, type Scan, selectWork, updateScan } from "#db/queries/discovery-scans.ts"
import { lockSite } from "#db/queries/sites.ts"
import {
  type DiscoveryAnswer,
  type DiscoveryInput,
  discoveryInputSchema,
} from "#server/contract/discovery.ts"
import { parseInput } from "../access/parse-input.ts"
import { claimInstance } from "../collectors/claim-instance.ts"
import { requireDevice } from "../collectors/require-device.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { recordFound, recordUnknown } from "./record-found.ts"
import { recordMove } from "./record-move.ts"
import { recordProgress } from "./record-progress.ts"

/**
 * Takes what a collector found and says what it should look at: one scan at a time, the same until its end was told. All
 * of a request counts or nothing, and a second time it changes nothing. Scans of other collectors are not known to it.
 */
export async function exchangeDiscovery(
  ctx: Context,
  input: z.input<typeof discoveryInputSchema>,
): Promise<DiscoveryAnswer> {
  const { deviceId, siteId } = requireDevice(ctx)
  const told = parseInput(discoveryInputSchema, input)
  await claimInstance(ctx, { instanceId: told.instance_id })
  return ctx.db.transaction(async (tx) => {
    // Before rows of scans, in the order of every verb that changes targets.
    if (told.moved.length > 0 || told.progress !== null) await lockSite(tx, siteId)
    const changed = await record(tx, ctx, { siteId, deviceId }, told)
    const work = await selectWork(tx, deviceId)
    const begins = work.scan?.state === "requested"
    const at = ctx.now()
    if (work.scan !== null && begins)
      await updateScan(tx, work.scan.id, { state: "running", startedAt: at, progressAt: at })
    if (changed || begins) await notifyLive(tx, { kind: "discovery", siteId, deviceId, at: at.toISOString() })
    const { scan } = work
    return {
      scan: scan === null ? null : { id: scan.id, ranges: scan.ranges, options: scan.options },
      cancelled: work.cancelling,
    }
  })
}

async function record(
  tx: Transaction,
  ctx: Context,
  device: { siteId: number; deviceId: number },
  told: DiscoveryInput,
): Promise<boolean> {
  const named = [...told.found, ...told.unknown, ...(told.progress ? [told.progress] : [])]
  const scans = await lockScansOfDevice(tx, device.deviceId, [...new Set(named.map((one) => one.scan_id))])
  const at = ctx.now()
  const of = <T extends { scan_id: string }>(scan: Scan, all: T[]) =>
    all.filter((one) => one.scan_id === scan.id)
  for (const scan of scans) {
    await recordFound(tx, { scan, machines: of(scan, told.found).map((one) => one.machine), at })
    await recordUnknown(tx, { scan, devices: of(scan, told.unknown).map((one) => one.device), at })
    if (told.progress?.scan_id === scan.id) await recordProgress(tx, ctx, scan, told.progress)
  }
  let moved = false
  for (const move of told.moved) moved = (await recordMove(tx, ctx, device, move)) || moved
  return scans.length > 0 || moved
}

import { hasScanNews as selectScanNews } from "#db/queries/discovery-scans.ts"
import { requireDevice } from "../collectors/require-device.ts"
import type { Context } from "../context.ts"

/** Whether the collector should ask `edge.discovery`: a scan waits for it, or one has to end. */
export function hasScanNews(ctx: Context): Promise<boolean> {
  return selectScanNews(ctx.sql, requireDevice(ctx).deviceId)
}

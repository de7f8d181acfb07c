import { deleteUploadsBefore } from "#db/queries/telemetry-retention.ts"
import type { Context } from "../context.ts"

/** Far longer than a sample is accepted at all, so that a forgotten batch id can no longer store anything. */
const KEPT_DAYS = 7

/** Removes upload logs after seven days. */
export async function pruneUploadLogs(ctx: Context): Promise<{ deleted: number }> {
  const before = new Date(ctx.now().getTime() - KEPT_DAYS * 24 * 3_600_000)
  return { deleted: await deleteUploadsBefore(ctx.sql, before) }
}

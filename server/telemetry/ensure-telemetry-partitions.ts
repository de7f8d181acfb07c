import { ensurePartitions } from "#db/partitions.ts"
import type { Context } from "../context.ts"

/** Makes the partitions around now that are missing. */
export async function ensureTelemetryPartitions(ctx: Context): Promise<{ made: number }> {
  return { made: await ensurePartitions(ctx.sql, ctx.now()) }
}

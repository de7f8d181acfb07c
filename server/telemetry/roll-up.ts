import { makePartitions } from "#db/partitions.ts"
import {
  listPending,
  lockSiteRollup,
  type PendingBucket,
  readMark,
  removeMark,
  rollUpBoards,
  rollUpMiners,
  rollUpSite,
  rollUpUptime,
} from "#db/queries/rollup.ts"
import type { Context } from "../context.ts"
import { BUCKET_MS } from "./bucket.ts"

/**
 * Rolls up every five-minute bucket that is over and whose samples changed: machines, boards, the site's totals and
 * its uptime, each recomputed whole from the raw samples, so that late, repeated and disordered samples end in the
 * same numbers. A bucket whose raw samples were dropped keeps what it has. Safe with any number of workers: a site
 * that another one works on is left to it, and a bucket touched meanwhile keeps its mark.
 */
export async function rollUp(ctx: Context): Promise<{ buckets: number }> {
  const endedBefore = new Date(ctx.now().getTime() - BUCKET_MS + 1)
  const pending = await listPending(ctx.sql, endedBefore)
  const [oldest, newest] = [pending[0], pending.at(-1)]
  if (!oldest || !newest) return { buckets: 0 }
  for (const table of ["miner_telemetry_history", "miner_board_telemetry"] as const)
    await makePartitions(ctx.sql, table, oldest.bucketAt, newest.bucketAt)
  let buckets = 0
  for (const bucket of pending) if (await rollUpBucket(ctx, bucket)) buckets++
  return { buckets }
}

async function rollUpBucket(ctx: Context, bucket: PendingBucket): Promise<boolean> {
  return ctx.sql.begin(async (tx) => {
    if (!(await lockSiteRollup(tx, bucket.siteId))) return false
    const mark = await readMark(tx, bucket)
    if (!mark) return false
    if (mark.hasRaw) {
      await rollUpMiners(tx, bucket)
      await rollUpBoards(tx, bucket)
      await rollUpSite(tx, bucket)
      await rollUpUptime(tx, bucket)
    }
    await removeMark(tx, bucket, mark.touchedAt)
    return true
  })
}

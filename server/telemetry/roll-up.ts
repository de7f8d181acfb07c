import { makePartitions } from "#db/partitions.ts"
import { listPendingOwnerDays, removePendingOwnerDay, rollUpOwners } from "#db/queries/owner-history.ts"
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

const DAY_MS = 24 * 3_600_000

/**
 * Rolls up every five-minute bucket that is over and whose samples changed: machines, boards, the site's totals and
 * its owners', and its uptime, each recomputed whole from the raw samples, so that late, repeated and disordered samples end in the
 * same numbers. A bucket whose raw samples were dropped keeps what it has. Safe with any number of workers: a site
 * that another one works on is left to it, and a bucket touched meanwhile keeps its mark. After the buckets come the days
 * that a back-dated change of owners left to it (`correctOwnerTotals`).
 */
export async function rollUp(ctx: Context): Promise<{ buckets: number }> {
  const endedBefore = new Date(ctx.now().getTime() - BUCKET_MS + 1)
  const pending = await listPending(ctx.sql, endedBefore)
  const [oldest, newest] = [pending[0], pending.at(-1)]
  if (oldest && newest)
    for (const table of ["miner_telemetry_history", "miner_board_telemetry"] as const)
      await makePartitions(ctx.sql, table, oldest.bucketAt, newest.bucketAt)
  let buckets = 0
  for (const bucket of pending) if (await rollUpBucket(ctx, bucket)) buckets++
  await rollUpOwnerDays(ctx)
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
      const { siteId, bucketAt } = bucket
      const to = new Date(bucketAt.getTime() + BUCKET_MS)
      await rollUpOwners(tx, { siteId, owners: "all", from: bucketAt, to })
      await rollUpUptime(tx, bucket)
    }
    await removeMark(tx, bucket, mark.touchedAt)
    return true
  })
}

async function rollUpOwnerDays(ctx: Context): Promise<void> {
  for (const mark of await listPendingOwnerDays(ctx.sql))
    await ctx.sql.begin(async (tx) => {
      const { siteId, userId, day } = mark
      if (!(await lockSiteRollup(tx, siteId)) || !(await removePendingOwnerDay(tx, mark))) return
      await rollUpOwners(tx, { siteId, owners: [userId], from: day, to: new Date(day.getTime() + DAY_MS) })
    })
}

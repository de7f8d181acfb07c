import { dropPartitionsBefore } from "#db/partitions.ts"
import { oldestPending } from "#db/queries/rollup.ts"
import { deleteHistoryBefore, listHistoryDays } from "#db/queries/telemetry-retention.ts"
import { SAMPLE_MAX_AGE_MS } from "#server/contract/budgets.ts"
import type { Context } from "../context.ts"
import { rollUp } from "./roll-up.ts"

const DAY_MS = 24 * 3_600_000

/**
 * Ends what is past its time (`decisions.md` 5). Raw samples go in whole partitions once nothing in them can be
 * accepted any more and nothing in them waits for the roll-up. Five-minute buckets go after the site's
 * `history_days`: the whole partition when every site is past it, else by site; 0 keeps them. Totals of owners go with
 * the buckets they are made of, so that a change of owners can always correct them.
 */
export async function pruneTelemetry(ctx: Context): Promise<{ dropped: string[]; deleted: number }> {
  await rollUp(ctx)
  const nowMs = ctx.now().getTime()
  const waiting = await oldestPending(ctx.sql)
  const rawBefore = new Date(
    Math.min(nowMs - SAMPLE_MAX_AGE_MS, waiting?.getTime() ?? Number.POSITIVE_INFINITY),
  )
  const dropped = await dropPartitionsBefore(ctx.sql, "telemetry_raw_24h", rawBefore)

  const sites = await listHistoryDays(ctx.sql)
  const longest = sites.some((site) => site.historyDays === 0)
    ? null
    : Math.max(...sites.map((site) => site.historyDays))
  let deleted = 0
  const deleteBySite = async (table: Parameters<typeof deleteHistoryBefore>[1]) => {
    for (const { siteId, historyDays } of sites)
      if (historyDays > 0)
        deleted += await deleteHistoryBefore(ctx.sql, table, siteId, new Date(nowMs - historyDays * DAY_MS))
  }
  for (const table of ["miner_telemetry_history", "miner_board_telemetry"] as const) {
    if (longest !== null && sites.length > 0)
      dropped.push(...(await dropPartitionsBefore(ctx.sql, table, new Date(nowMs - longest * DAY_MS))))
    await deleteBySite(table)
  }
  await deleteBySite("owner_telemetry_history")
  return { dropped, deleted }
}

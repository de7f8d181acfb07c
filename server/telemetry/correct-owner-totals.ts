import type { Executor } from "#db/client.ts"
import { correctOwners, lockRollupsAt } from "#db/queries/owner-history.ts"
import type { Context } from "../context.ts"

const DAY_MS = 24 * 3_600_000

/**
 * After ownerships changed from an instant on, in the same transaction: the totals of these owners hold again what was
 * theirs. Yesterday (UTC) and today are added up at once, so that no page shows anything else; earlier days show nothing
 * until the roll-up has added them up, as far back as the sites keep a history. Waits for a roll-up under way at the sites.
 * Nothing to do when the instant lies ahead: no bucket that began after it is over.
 */
export async function correctOwnerTotals(
  executor: Executor,
  ctx: Context,
  change: { siteIds: readonly number[]; userIds: number[]; fromAt: Date },
): Promise<void> {
  const to = ctx.now()
  if (change.fromAt >= to || change.userIds.length === 0) return
  const recent = new Date((Math.floor(to.getTime() / DAY_MS) - 1) * DAY_MS)
  await lockRollupsAt(executor, change.siteIds)
  for (const siteId of change.siteIds)
    await correctOwners(executor, { siteId, owners: change.userIds, from: change.fromAt, to, recent })
}

import { markRecoveredReboots } from "#db/queries/commands-expiry.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"

/** A machine that hashes again later than this was mended by something else. */
const LOOK_BACK_MS = 24 * 3_600_000

/**
 * Notes when rebooted machines were seen hashing again (`decisions.md` 19). Runs with the expiry every minute instead
 * of with every upload, so that ingest pays nothing for it.
 */
export async function markRecovered(ctx: Context): Promise<{ recovered: number }> {
  if (ctx.actor.kind !== "system") throw new DomainError("FORBIDDEN", "Only the worker notes recoveries.")
  const at = ctx.now()
  const rows = await ctx.db.transaction(async (tx) => {
    const recovered = await markRecoveredReboots(tx, new Date(at.getTime() - LOOK_BACK_MS))
    const byCommand = new Map<string, { siteId: number; minerIds: number[] }>()
    for (const { commandId, siteId, minerId } of recovered) {
      const known = byCommand.get(commandId) ?? { siteId, minerIds: [] }
      known.minerIds.push(minerId)
      byCommand.set(commandId, known)
    }
    for (const [commandId, { siteId, minerIds }] of byCommand)
      await notifyLive(tx, { kind: "command", siteId, commandId, minerIds, at: at.toISOString() })
    return recovered
  })
  return { recovered: rows.length }
}

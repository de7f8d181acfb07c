import type { Transaction } from "#db/client.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"

/** Open pages of the site, and of these machines, read again. */
export async function tellLoginsChanged(
  tx: Transaction,
  ctx: Context,
  siteId: number,
  minerIds: number[],
): Promise<void> {
  const at = ctx.now().toISOString()
  await notifyLive(tx, { kind: "site", siteId, at })
  if (minerIds.length > 0) await notifyLive(tx, { kind: "miners", siteId, minerIds, change: "edited", at })
}

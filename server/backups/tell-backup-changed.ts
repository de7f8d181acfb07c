import type { Executor } from "#db/client.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"

/** Open pages of the machine and of its backups read again. */
export async function tellBackupChanged(
  tx: Executor,
  ctx: Context,
  backup: { siteId: number; minerId: number },
): Promise<void> {
  await notifyLive(tx, {
    kind: "miners",
    siteId: backup.siteId,
    minerIds: [backup.minerId],
    change: "edited",
    at: ctx.now().toISOString(),
  })
}

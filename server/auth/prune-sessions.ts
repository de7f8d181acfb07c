import { deleteExpiredSessions, deleteStaleSecrets } from "#db/queries/sessions.ts"
import type { Context } from "../context.ts"

const KEPT_AFTER_END_MS = 30 * 24 * 3_600_000

/** Job `session.prune`: deletes sessions that are over, and links, enrollment codes and throttle rows a month later. */
export async function pruneSessions(ctx: Context): Promise<{ sessions: number }> {
  const at = ctx.now()
  const sessions = await deleteExpiredSessions(ctx.db, at)
  await deleteStaleSecrets(ctx.db, new Date(at.getTime() - KEPT_AFTER_END_MS))
  return { sessions }
}

import { deleteOldEdgeRows } from "#db/queries/commands-expiry.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Context } from "../context.ts"

const KEEP_MS = 30 * 24 * 3_600_000
const BATCH = 5_000

/** Deletes ended rows of the edge queue after 30 days, in small steps. Commands and results are kept for good. */
export async function pruneEdgeCommands(ctx: Context): Promise<{ deleted: number }> {
  if (ctx.actor.kind !== "system") throw new DomainError("FORBIDDEN", "Only the worker prunes.")
  const before = new Date(ctx.now().getTime() - KEEP_MS)
  let deleted = 0
  for (;;) {
    const step = await deleteOldEdgeRows(ctx.db, before, BATCH)
    deleted += step
    if (step < BATCH) return { deleted }
  }
}

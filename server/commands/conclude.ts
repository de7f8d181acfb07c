import type { Transaction } from "#db/client.ts"
import type { CommandRow } from "#db/queries/commands.ts"
import { type ResultCounts, readCounts } from "#db/queries/commands-state.ts"
import type { Context } from "../context.ts"
import { moveCommand } from "./lifecycle.ts"

export type Conclusion = { status: "SUCCEEDED" | "FAILED" | "EXPIRED"; outcome: string }

/** How a command ends by the results of its targets (`decisions.md` 17); null while some are open. */
export function conclude(counts: ResultCounts): Conclusion | null {
  if (counts.open > 0) return null
  const outcome = sentence(counts)
  if (counts.failed + counts.unknown > 0) return { status: "FAILED", outcome }
  if (counts.succeeded > 0) return { status: "SUCCEEDED", outcome }
  if (counts.expired > 0)
    return { status: "EXPIRED", outcome: `No collector fetched it in time: ${outcome}.` }
  return { status: "FAILED", outcome: `Nothing to do: ${outcome}.` }
}

function sentence(counts: ResultCounts): string {
  const parts = [
    [counts.succeeded, "succeeded"],
    [counts.failed, "failed"],
    [counts.unknown, "with unknown outcome"],
    [counts.expired, "expired"],
    [counts.skipped, "skipped"],
  ] as const
  return (
    parts
      .filter(([count]) => count > 0)
      .map(([count, word]) => `${count} ${word}`)
      .join(", ") || "no targets"
  )
}

/** Ends a command whose targets have all ended, in the caller's transaction (its row is locked by it). */
export async function concludeCommand(
  tx: Transaction,
  ctx: Context,
  command: Pick<CommandRow, "siteId" | "id">,
): Promise<Conclusion | null> {
  const counts = await readCounts(tx, command)
  const end = conclude(counts)
  if (!end) return null
  const { open: _, ...ended } = counts
  await moveCommand(tx, ctx, command, end.status, {
    change: { finishedAt: ctx.now(), outcome: end.outcome },
    details: ended,
  })
  return end
}

import type { Context } from "#server/context.ts"
import { DomainError } from "#server/contract/errors.ts"
import { resolveMiners } from "#server/fleet/resolve-miners.ts"
import { minerFilterOf } from "./miner-query.ts"
import { translator } from "./strings/translate.ts"

/** The machines of a selection: `ids` as they are, or everything that `filter` (a query string of the list) finds now. */
export async function selectedMiners(
  ctx: Context,
  selection: { ids: number[]; filter: string | null },
): Promise<number[]> {
  const ids =
    selection.filter === null
      ? [...new Set(selection.ids)]
      : (await resolveMiners(ctx, { filter: minerFilterOf(new URLSearchParams(selection.filter)) })).minerIds
  if (ids.length === 0) throw new DomainError("INVALID", translator("en")("miners.nothingChosen"))
  return ids
}

import { z } from "zod"
import type { Transaction } from "#db/client.ts"
import { type Decidable, selectDecidable } from "#db/queries/discovered.ts"
import { DomainError } from "#server/contract/errors.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { discoveredFilterSchema } from "./discovered-filter.ts"

/** Rows of the inbox by their ids, or everything that a filter finds now. */
export const chosenSchema = z.union([
  z.object({ ids: z.array(z.number().int()).min(1, "Choose at least one machine.").max(50_000) }),
  z.object({ filter: discoveredFilterSchema }),
])

/**
 * The chosen rows, held until the transaction ends, all of which the actor may decide about. Throws NOT_FOUND for an id
 * that he cannot see, FORBIDDEN where he may only look. A filter finds what he may decide about and no more.
 */
export async function chosenMachines(
  tx: Transaction,
  ctx: Context,
  chosen: z.output<typeof chosenSchema>,
): Promise<Map<number, Decidable[]>> {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  if ("filter" in chosen) {
    if (chosen.filter.siteId !== undefined)
      requirePermission(ctx, "COLLECTOR_MANAGE", chosen.filter.siteId, "FULL")
    const scope = scopeOf(ctx.actor, "COLLECTOR_MANAGE", "FULL")
    if (scope.kind !== "all" && scope.siteIds.length === 0)
      throw new DomainError("FORBIDDEN", "Your role does not allow that.")
    return bySite(await selectDecidable(tx, scope, { filter: chosen.filter }, true))
  }
  const scope = scopeOf(ctx.actor, "COLLECTOR_MANAGE", "READ")
  const ids = [...new Set(chosen.ids)]
  const rows = ctx.actor.kind === "device" ? [] : await selectDecidable(tx, scope, { ids }, true)
  if (rows.length < ids.length) throw new DomainError("NOT_FOUND", "There is no such machine in the inbox.")
  const sites = bySite(rows)
  for (const siteId of sites.keys()) requirePermission(ctx, "COLLECTOR_MANAGE", siteId, "FULL")
  return sites
}

const bySite = (rows: Decidable[]) => Map.groupBy(rows, (row) => row.siteId)

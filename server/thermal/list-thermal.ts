import { z } from "zod"
import { selectThermalEvents, type ThermalEventRow } from "#db/queries/thermal-events.ts"
import { selectThermalHolds, type ThermalHoldRow } from "#db/queries/thermal-holds.ts"
import { parseInput } from "../access/parse-input.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { findSite, requireViewer } from "../fleet/find-site.ts"

export type { ThermalEventRow, ThermalHoldRow }

export const listThermalInput = z.object({
  siteId: z.number().int().positive(),
  minerId: z.number().int().positive().optional(),
  events: z.number().int().min(0).max(500).default(20),
  page: z.number().int().min(1).max(100_000).default(1),
  holds: z.number().int().min(0).max(500).default(20),
})

export type ThermalFacts = {
  events: ThermalEventRow[]
  eventsTotal: number
  holds: ThermalHoldRow[]
  holdsTotal: number
}

/**
 * What the thermal guard of a site did and what it holds now, of one machine or of all; the newest events and the longest
 * holds first. A client gets those of his own machines. Throws NOT_FOUND for a foreign site.
 */
export async function listThermal(
  ctx: Context,
  input: z.input<typeof listThermalInput>,
): Promise<ThermalFacts> {
  requireViewer(ctx)
  const { siteId, minerId, events, holds, page } = parseInput(listThermalInput, input)
  await findSite(ctx, { siteId })
  const at = ctx.now()
  const scope = scopeOf(ctx.actor, "MINER_VIEW")
  const [told, held] = await Promise.all([
    selectThermalEvents(ctx.db, scope, { siteId, minerId, limit: events, offset: (page - 1) * events }, at),
    selectThermalHolds(ctx.db, scope, { siteId, minerId, limit: holds }, at),
  ])
  return { events: told.rows, eventsTotal: told.total, holds: held.rows, holdsTotal: held.total }
}

import { z } from "zod"
import { type FleetEvent, selectFleetEvents } from "#db/queries/fleet-events.ts"
import { parseInput } from "../access/parse-input.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { findSite, requireViewer } from "./find-site.ts"

export type { FleetEvent }

const LIMIT = 500

export const listEventsInput = z.object({
  siteId: z.number().int().positive().optional(),
  minerId: z.number().int().positive().optional(),
  hours: z
    .number()
    .min(0.1)
    .max(24 * 31)
    .default(1),
})

/** The last 500 things that happened within `hours`, newest first. Throws NOT_FOUND for a foreign site. */
export async function listEvents(
  ctx: Context,
  input: z.input<typeof listEventsInput>,
): Promise<{ rows: FleetEvent[]; total: number }> {
  requireViewer(ctx)
  const { siteId, minerId, hours } = parseInput(listEventsInput, input)
  if (siteId !== undefined) await findSite(ctx, { siteId })
  const at = ctx.now()
  const since = new Date(at.getTime() - hours * 3_600_000)
  const scope = scopeOf(ctx.actor, "MINER_VIEW")
  return selectFleetEvents(ctx.db, scope, { siteId, minerId, since, limit: LIMIT }, at)
}

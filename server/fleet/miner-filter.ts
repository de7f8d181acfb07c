import { z } from "zod"
import type { MinerFilter } from "#db/queries/miners-filter.ts"
import { fleetIsSmall } from "#db/queries/miners-list.ts"
import { MINER_STATUS_FILTERS } from "#server/contract/miner-list.ts"
import { OVERALL_HEALTH } from "#server/contract/telemetry.ts"
import type { Context } from "../context.ts"
import { findSite } from "./find-site.ts"
import { normaliseTag } from "./miner-fields.ts"

const id = z.number().int().positive()
const word = z.string().trim().min(1).max(128)

/**
 * Which machines: the filters of the list and of a selection by filter. `none` as model, make, place or owner finds
 * machines without one. Without `status`: active and spare machines; `all`: the retired too.
 */
export const minerFilterSchema = z.object({
  siteId: id.optional(),
  siteSlug: z.string().max(64).optional(),
  q: z.string().max(200).optional(),
  status: z.enum(MINER_STATUS_FILTERS).optional(),
  model: word.optional(),
  make: word.optional(),
  place: word.optional(),
  tag: z.string().max(64).transform(normaliseTag).optional(),
  owner: z.union([id, z.literal("none")]).optional(),
  health: z.enum(OVERALL_HEALTH).optional(),
  deviceId: id.optional(),
})
export type MinerFilterInput = z.input<typeof minerFilterSchema>

/** The filter as queries take it. Throws NOT_FOUND for a site the actor cannot see. */
export async function resolveFilter(
  ctx: Context,
  { siteSlug, ...filter }: z.output<typeof minerFilterSchema>,
): Promise<MinerFilter> {
  let siteId = filter.siteId
  if (siteId !== undefined) await findSite(ctx, { siteId })
  if (siteSlug !== undefined) {
    const site = await findSite(ctx, { slug: siteSlug })
    siteId = siteId === undefined || siteId === site.id ? site.id : -1
  }
  // A site is few machines; a whole fleet may be many.
  const few = filter.q ? siteId !== undefined || (await fleetIsSmall(ctx.db)) : undefined
  return { ...filter, siteId, few }
}

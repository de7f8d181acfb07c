import { z } from "zod"
import { type MinerFacets, type MinerRow, selectFacets, selectMinerPage } from "#db/queries/miners-list.ts"
import { MINER_SORTS } from "#server/contract/miner-list.ts"
import { parseInput } from "../access/parse-input.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { requireViewer } from "./find-site.ts"
import { minerFilterSchema, resolveFilter } from "./miner-filter.ts"

export type { MinerFacets, MinerRow }

export const listMinersInput = minerFilterSchema.extend({
  sort: z.enum(MINER_SORTS).default("name"),
  dir: z.enum(["asc", "desc"]).default("asc"),
  page: z.number().int().min(1).max(1_000_000).default(1),
  pageSize: z.number().int().min(1).max(500).default(50),
  /** Also what the machines of the site (else of the scope) can be filtered by. */
  facets: z.boolean().default(false),
})

export type MinerPage = {
  rows: MinerRow[]
  total: number
  page: number
  pageSize: number
  facets?: MinerFacets
}

/**
 * One page of the machines the actor may see. Throws NOT_FOUND for a foreign site. A page past the end is empty;
 * unknown values sort last; a client is told of no owner but himself.
 */
export async function listMiners(ctx: Context, input: z.input<typeof listMinersInput>): Promise<MinerPage> {
  requireViewer(ctx)
  const { sort, dir, page, pageSize, facets, ...rest } = parseInput(listMinersInput, input)
  const scope = scopeOf(ctx.actor, "MINER_VIEW")
  const filter = await resolveFilter(ctx, rest)
  const at = ctx.now()
  const [{ rows, total }, found] = await Promise.all([
    selectMinerPage(ctx.db, scope, filter, { sort, dir, limit: pageSize, offset: (page - 1) * pageSize }, at),
    facets ? selectFacets(ctx.db, scope, filter.siteId, at) : undefined,
  ])
  return { rows, total, page, pageSize, ...(found ? { facets: found } : {}) }
}

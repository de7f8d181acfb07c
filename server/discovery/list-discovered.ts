import { z } from "zod"
import { countDiscovered, type DiscoveredRow, selectDiscoveredPage } from "#db/queries/discovered.ts"
import type { DiscoveredState } from "#server/contract/discovery.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { discoveredFilterSchema } from "./discovered-filter.ts"
import { requireLooker } from "./require-looker.ts"

export type { DiscoveredRow }

export const listDiscoveredInput = discoveredFilterSchema.extend({
  page: z.number().int().min(1).max(10_000).default(1),
  pageSize: z.number().int().min(1).max(200).default(50),
})

export type DiscoveredPage = {
  rows: DiscoveredRow[]
  total: number
  page: number
  pageSize: number
  /** By state, under the other filters. */
  states: Record<DiscoveredState, number>
  moved: number
  /** Families there are to filter by. */
  families: string[]
}

/** The inbox of found machines, by address. */
export async function listDiscovered(
  ctx: Context,
  input: z.input<typeof listDiscoveredInput> = {},
): Promise<DiscoveredPage> {
  const { page, pageSize, ...filter } = parseInput(listDiscoveredInput, input)
  const scope = requireLooker(ctx, filter.siteId)
  const [rows, counts] = await Promise.all([
    selectDiscoveredPage(ctx.db, scope, filter, { limit: pageSize, offset: (page - 1) * pageSize }),
    countDiscovered(ctx.db, scope, filter),
  ])
  const { states } = counts
  const all = Object.values(states).reduce((sum, count) => sum + count, 0)
  return { rows, total: filter.state ? states[filter.state] : all, page, pageSize, ...counts }
}

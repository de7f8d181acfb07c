import { createHash } from "node:crypto"
import { z } from "zod"
import { selectTargets } from "#db/queries/commands.ts"
import { selectMinerKeys } from "#db/queries/miners-list.ts"
import { DomainError } from "#server/contract/errors.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { minerFilterSchema, resolveFilter } from "../fleet/miner-filter.ts"
import { unstorableText } from "./parse-action.ts"

/** One request goes to no more machines than this. */
export const TARGETS_MAX = 50_000

/**
 * Machines by their ids, or all that a filter finds at the moment of the request. `expect`: the digest that the preview
 * showed; the request goes nowhere when the filter finds others by then.
 */
export const targetsSchema = z.union(
  [
    z.strictObject({ minerIds: z.array(z.number().int().positive()).min(1).max(TARGETS_MAX) }),
    z.strictObject({ filter: minerFilterSchema, expect: z.string().max(64).optional() }),
  ],
  "Choose machines: 1 to 50,000 of them, or a filter.",
)

export type ResolvedTargets = {
  /** `hosting_miners.id` in order, by site in order. */
  bySite: Map<number, number[]>
  total: number
  /** Equal for equal machines. */
  digest: string
  /** The filter that found them, as given; null: they were named. */
  filter: Record<string, unknown> | null
}

/**
 * The machines a request goes to, resolved once. Throws NOT_FOUND when any named machine, or the filter's site, is
 * outside the actor's scope, INVALID when the filter finds none or too many, CONFLICT when it no longer finds what
 * `expect` says.
 */
export async function resolveTargets(
  ctx: Context,
  targets: z.output<typeof targetsSchema>,
): Promise<ResolvedTargets> {
  const found = "minerIds" in targets ? await named(ctx, targets.minerIds) : await filtered(ctx, targets)
  const bySite = new Map<number, number[]>()
  for (const { id, siteId } of found) {
    const ids = bySite.get(siteId)
    if (ids) ids.push(id)
    else bySite.set(siteId, [id])
  }
  const digest = digestOf(found.map(({ id }) => id))
  if ("expect" in targets && targets.expect !== undefined && targets.expect !== digest)
    throw new DomainError("CONFLICT", "The selection changed since the preview: look at it again.")
  return { bySite, total: found.length, digest, filter: "filter" in targets ? targets.filter : null }
}

async function named(ctx: Context, minerIds: readonly number[]) {
  const wanted = [...new Set(minerIds)]
  const found = await selectTargets(ctx.db, scopeOf(ctx.actor, "MINER_VIEW"), wanted, ctx.now())
  if (found.length !== wanted.length) throw new DomainError("NOT_FOUND", "There is no such machine.")
  return found
}

async function filtered(
  ctx: Context,
  { filter }: Extract<z.output<typeof targetsSchema>, { filter: unknown }>,
) {
  const refuse = (message: string) =>
    new DomainError("INVALID", message, { details: [{ path: "targets.filter", message }] })
  if (unstorableText(filter)) throw refuse("The filter holds a character that no text has.")
  const scope = scopeOf(ctx.actor, "MINER_VIEW")
  const resolved = await resolveFilter(ctx, filter)
  const found = await selectMinerKeys(ctx.db, scope, resolved, TARGETS_MAX + 1, ctx.now())
  if (found.length === 0) throw refuse("The filter finds no machine.")
  if (found.length > TARGETS_MAX) throw refuse("The filter finds more than 50,000 machines. Narrow it.")
  return found
}

function digestOf(minerIds: readonly number[]): string {
  return createHash("sha256")
    .update([...minerIds].sort((a, b) => a - b).join(","))
    .digest("hex")
}

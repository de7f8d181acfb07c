import { z } from "zod"
import { type BulkChange, selectMinerSites, updateManyPeopleFields } from "#db/queries/miners-write.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { scopeOf } from "../access/scope.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { requireViewer } from "./find-site.ts"
import { checkTagCount, placeSchema, stateSchema, tagsSchema } from "./miner-fields.ts"
import { minerFilterSchema } from "./miner-filter.ts"
import { resolveMiners, SELECTION_MAX } from "./resolve-miners.ts"
import { requireEdit } from "./update-miner.ts"

export const updateMinersInput = z
  .object({
    minerIds: z.array(z.number().int().positive()).min(1).max(SELECTION_MAX).optional(),
    filter: minerFilterSchema.optional(),
    place: placeSchema.optional(),
    addTags: tagsSchema.optional(),
    removeTags: tagsSchema.optional(),
    state: stateSchema.optional(),
  })
  .refine((input) => (input.minerIds === undefined) !== (input.filter === undefined), {
    message: "Give either machines or a filter.",
    path: ["minerIds"],
  })

/** Ids in the audit of a bulk edit, when they are no more than this; else their count alone. */
const AUDIT_IDS_MAX = 100

/**
 * Changes place, tags or state of many machines, given by ids or by a filter: all or nothing. `changed` counts the
 * machines that were not so before. Throws NOT_FOUND when one is foreign, FORBIDDEN when the role at one of their
 * sites does not allow it, INVALID for more than 10,000.
 */
export async function updateMiners(
  ctx: Context,
  input: z.input<typeof updateMinersInput>,
): Promise<{ changed: number }> {
  requireViewer(ctx)
  const { minerIds, filter, ...given } = parseInput(updateMinersInput, input)
  const change: BulkChange = { ...given, addTags: given.addTags ?? [], removeTags: given.removeTags ?? [] }
  const fields = changedFields(change)
  const at = ctx.now()
  const ids = [...new Set(minerIds ?? (await resolveMiners(ctx, { filter: filter ?? {} })).minerIds)]
  const keys = await selectMinerSites(ctx.db, scopeOf(ctx.actor, "MINER_VIEW"), ids, at)
  if (keys.length < ids.length) throw new DomainError("NOT_FOUND", "One of these machines does not exist.")
  const bySite = Map.groupBy(keys, (key) => key.siteId)
  for (const siteId of bySite.keys()) requireEdit(ctx, siteId, fields)
  if (fields.length === 0) return { changed: 0 }

  return ctx.db.transaction(async (tx) => {
    let changed = 0
    for (const [siteId, ofSite] of bySite) {
      const rows = await updateManyPeopleFields(
        tx,
        siteId,
        ofSite.map((key) => key.id),
        change,
      )
      if (rows.length === 0) continue
      changed += rows.length
      const changedIds = rows.map((row) => row.id)
      if (change.addTags.length > 0) for (const row of rows) checkTagCount({ length: row.tagCount })
      await writeAudit(tx, ctx, {
        action: "miner.update-many",
        siteId,
        subjectType: "site",
        subjectId: siteId,
        after: Object.fromEntries(fields.map((field) => [field, change[field]])),
        details: {
          selected: ofSite.length,
          changed: rows.length,
          fields,
          ...(changedIds.length <= AUDIT_IDS_MAX ? { minerIds: changedIds } : {}),
        },
      })
      await notifyLive(tx, {
        kind: "miners",
        siteId,
        minerIds: changedIds,
        change: "edited",
        at: at.toISOString(),
      })
    }
    return { changed }
  })
}

function changedFields(change: BulkChange): (keyof BulkChange)[] {
  const fields: (keyof BulkChange)[] = []
  if (change.place !== undefined) fields.push("place")
  if (change.addTags.length > 0) fields.push("addTags")
  if (change.removeTags.length > 0) fields.push("removeTags")
  if (change.state !== undefined) fields.push("state")
  return fields
}

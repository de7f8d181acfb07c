import { z } from "zod"
import {
  type PeopleFields,
  selectMinerSites,
  selectPeopleFieldsForUpdate,
  updatePeopleFields,
} from "#db/queries/miners-write.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { requireViewer } from "./find-site.ts"
import {
  checkTagCount,
  labelSchema,
  notesSchema,
  placeSchema,
  stateSchema,
  tagsSchema,
} from "./miner-fields.ts"

export const updateMinerInput = z.object({
  minerId: z.number().int().positive(),
  label: labelSchema.optional(),
  place: placeSchema.optional(),
  /** The whole set. */
  tags: tagsSchema.optional(),
  notes: notesSchema.optional(),
  state: stateSchema.optional(),
})

/**
 * Changes what people own of a machine; a field left out stays. Throws NOT_FOUND for a foreign machine, FORBIDDEN for
 * more than the role may edit (a technician: the place).
 */
export async function updateMiner(
  ctx: Context,
  input: z.input<typeof updateMinerInput>,
): Promise<{ changed: boolean }> {
  requireViewer(ctx)
  const { minerId, ...given } = parseInput(updateMinerInput, input)
  const at = ctx.now()
  const [key] = await selectMinerSites(ctx.db, scopeOf(ctx.actor, "MINER_VIEW"), [minerId], at)
  if (!key) throw new DomainError("NOT_FOUND", "There is no such machine.")
  const fields = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  requireEdit(ctx, key.siteId, fields)
  return ctx.db.transaction(async (tx) => {
    const before = await selectPeopleFieldsForUpdate(tx, key)
    if (!before) throw new DomainError("NOT_FOUND", "There is no such machine.")
    const change = changedFields(before, given)
    const names = Object.keys(change) as (keyof PeopleFields)[]
    if (names.length === 0) return { changed: false }
    checkTagCount(change.tags ?? [])
    await updatePeopleFields(tx, key, change)
    await writeAudit(tx, ctx, {
      action: "miner.update",
      siteId: key.siteId,
      subjectType: "miner",
      subjectId: key.id,
      before: Object.fromEntries(names.map((name) => [name, before[name]])),
      after: change,
    })
    await notifyLive(tx, {
      kind: "miners",
      siteId: key.siteId,
      minerIds: [key.id],
      change: "edited",
      at: at.toISOString(),
    })
    return { changed: true }
  })
}

/** Demands the right to edit these fields of machines at a site: OWN is the place and nothing else. */
export function requireEdit(ctx: Context, siteId: number, fields: readonly string[]): void {
  const onlyPlace = fields.every((field) => field === "place")
  requirePermission(ctx, "MINER_EDIT", siteId, onlyPlace ? "OWN" : "FULL")
}

function changedFields(before: PeopleFields, given: Partial<PeopleFields>): Partial<PeopleFields> {
  return Object.fromEntries(
    Object.entries(given).filter(
      ([name, value]) =>
        value !== undefined && JSON.stringify(value) !== JSON.stringify(before[name as keyof PeopleFields]),
    ),
  )
}

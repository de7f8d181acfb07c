import { z } from "zod"
import { insertFleetEvent, insertMiner } from "#db/queries/miners-write.ts"
import { DomainError } from "#server/contract/errors.ts"
import { minerIdSchema } from "#server/contract/telemetry.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { findSite, requireViewer } from "./find-site.ts"
import { checkTagCount, labelSchema, placeSchema, tagsSchema } from "./miner-fields.ts"

export const addMinerInput = z.object({
  siteId: z.number().int().positive(),
  /** As the machine will tell it: its serial, else its MAC address. */
  minerId: z
    .string()
    .transform((text) => text.trim())
    .pipe(minerIdSchema),
  ipAddress: z.union([z.ipv4(), z.ipv6()]).nullish(),
  label: labelSchema.optional(),
  place: placeSchema.optional(),
  tags: tagsSchema.optional(),
})

/**
 * Adds a machine by hand, before its first sample. Throws NOT_FOUND for a foreign site, FORBIDDEN without the right to
 * edit all of a machine, CONFLICT when the site knows the id already, in any case and state.
 */
export async function addMiner(ctx: Context, input: z.input<typeof addMinerInput>): Promise<{ id: number }> {
  requireViewer(ctx)
  const { siteId, minerId, ...fields } = parseInput(addMinerInput, input)
  const site = await findSite(ctx, { siteId })
  requirePermission(ctx, "MINER_EDIT", siteId, "FULL")
  const row = {
    ipAddress: fields.ipAddress ?? null,
    label: fields.label ?? null,
    place: fields.place ?? null,
    tags: fields.tags ?? [],
  }
  checkTagCount(row.tags)
  const at = ctx.now()
  return ctx.db.transaction(async (tx) => {
    const id = await insertMiner(tx, { siteId, minerId, firstSeenAt: at, ...row })
    if (id === null) {
      const message = `${site.name} already has a machine ${minerId}.`
      throw new DomainError("CONFLICT", message, { details: [{ path: "minerId", message }] })
    }
    await insertFleetEvent(tx, {
      siteId,
      minerId: id,
      kind: "miner_added",
      severity: "info",
      message: "Added by hand.",
      at,
    })
    await writeAudit(tx, ctx, {
      action: "miner.add",
      siteId,
      subjectType: "miner",
      subjectId: id,
      after: { minerId, ...row },
    })
    await notifyLive(tx, { kind: "miners", siteId, minerIds: [id], change: "added", at: at.toISOString() })
    return { id }
  })
}

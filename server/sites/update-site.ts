import { z } from "zod"
import { brokenConstraint } from "#db/queries/errors.ts"
import { bumpConfigVersion, lockSite, slugIsTaken, updateSiteRow } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { slugTaken } from "./create-site.ts"
import {
  EDGE_SETTINGS,
  type SiteSettings,
  siteSettingsSchema,
  wholeSiteSettingsSchema,
} from "./site-settings.ts"

export const updateSiteInput = siteSettingsSchema.partial().extend({ siteId: z.number().int() })

/**
 * Changes the settings that are given and differ; collectors are told when it concerns them. Throws CONFLICT when the
 * slug is taken, INVALID when the settings as a whole make no sense. `changed` names the settings that moved.
 */
export async function updateSite(
  ctx: Context,
  input: z.input<typeof updateSiteInput>,
): Promise<{ slug: string; changed: string[] }> {
  requirePermission(ctx, "SITE_MANAGE", input.siteId, "FULL")
  const { siteId, ...given } = parseInput(updateSiteInput, input)
  try {
    return await ctx.db.transaction(async (tx) => {
      const site = await lockSite(tx, siteId)
      if (!site) throw new DomainError("NOT_FOUND", "There is no such site.")
      const names = Object.keys(siteSettingsSchema.shape) as (keyof SiteSettings)[]
      const before = Object.fromEntries(names.map((name) => [name, site[name]])) as SiteSettings
      const after = parseInput(wholeSiteSettingsSchema, { ...before, ...definedOf(given) })
      const changed = names.filter((name) => after[name] !== before[name])
      if (changed.length === 0) return { slug: site.slug, changed }
      if (after.slug !== site.slug && (await slugIsTaken(tx, after.slug, { otherThan: siteId })))
        throw slugTaken(after.slug)

      const part = (of: SiteSettings) => Object.fromEntries(changed.map((name) => [name, of[name]]))
      await updateSiteRow(tx, siteId, part(after))
      if (EDGE_SETTINGS.some((name) => changed.includes(name))) await bumpConfigVersion(tx, siteId)
      await writeAudit(tx, ctx, {
        action: "site.update",
        siteId,
        subjectType: "site",
        subjectId: siteId,
        before: part(before),
        after: part(after),
      })
      await notifyLive(tx, { kind: "site", siteId, at: ctx.now().toISOString() })
      return { slug: after.slug, changed }
    })
  } catch (error) {
    // Two sites given one slug at the same moment: both looked before either wrote.
    if (brokenConstraint(error) === "hosting_sites_slug_unique") throw slugTaken(String(given.slug))
    throw error
  }
}

function definedOf<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>
}

import type { z } from "zod"
import { insertSite } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requireAdmin } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { SITE_DEFAULTS, siteSettingsSchema, wholeSiteSettingsSchema } from "./site-settings.ts"

export const createSiteInput = siteSettingsSchema.partial().required({ slug: true, name: true })

/** Makes a site; settings left out take their defaults. Admins only. Throws CONFLICT when the slug is taken. */
export async function createSite(
  ctx: Context,
  input: z.input<typeof createSiteInput>,
): Promise<{ siteId: number; slug: string }> {
  requireAdmin(ctx)
  const given = parseInput(createSiteInput, input)
  const settings = parseInput(wholeSiteSettingsSchema, { ...SITE_DEFAULTS, ...given })
  return ctx.db.transaction(async (tx) => {
    const site = await insertSite(tx, { ...settings, createdAt: ctx.now() })
    if (!site) throw slugTaken(settings.slug)
    await writeAudit(tx, ctx, {
      action: "site.create",
      siteId: site.id,
      subjectType: "site",
      subjectId: site.id,
      after: settings,
    })
    await notifyLive(tx, { kind: "site", siteId: site.id, at: ctx.now().toISOString() })
    return { siteId: site.id, slug: site.slug }
  })
}

export function slugTaken(slug: string): DomainError {
  const message = `Another site has the address "${slug}" already.`
  return new DomainError("CONFLICT", message, { details: [{ path: "slug", message }] })
}

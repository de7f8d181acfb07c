import { findThermalConfig } from "#db/queries/thermal-config.ts"
import { levelAtLeast } from "#server/contract/permissions.ts"
import { levelAt } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { type ThermalConfig, thermalConfigOf } from "./thermal-config.ts"
import { thermalSite } from "./thermal-site.ts"

export type ReadThermalConfig = {
  site: { id: number; slug: string; name: string; timezone: string }
  config: ThermalConfig
  canManage: boolean
}

/** The thermal policy of a site (C08). Throws NOT_FOUND, FORBIDDEN without THERMAL_MANAGE READ. */
export async function readThermalConfig(ctx: Context, input: { slug: string }): Promise<ReadThermalConfig> {
  const site = await thermalSite(ctx, input.slug, "READ")
  const config = thermalConfigOf(site, await findThermalConfig(ctx.db, site.id))
  const { id, slug, name, timezone } = site
  const canManage = levelAtLeast(levelAt(ctx.actor, "THERMAL_MANAGE", id), "FULL")
  return { site: { id, slug, name, timezone }, config, canManage }
}

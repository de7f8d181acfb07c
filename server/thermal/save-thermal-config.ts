import { z } from "zod"
import { bumpConfigVersion, lockSite } from "#db/queries/sites.ts"
import { findThermalConfig, storeThermalConfig } from "#db/queries/thermal-config.ts"
import { DomainError } from "#server/contract/errors.ts"
import { THERMAL_ACTIONS } from "#server/contract/thermal.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { type ThermalConfig, thermalConfigOf, thermalSettingsSchema } from "./thermal-config.ts"

const shape = thermalSettingsSchema.shape
export const saveThermalConfigInput = z.object({
  siteId: z.number().int(),
  /** Which version was looked at; left out by who does not mind. */
  version: z.number().int().min(0).optional(),
  armed: shape.armed.optional(),
  warning_c: shape.warning_c.optional(),
  critical_c: shape.critical_c.optional(),
  resume_c: shape.resume_c.optional(),
  actions: shape.actions.optional(),
  cool_down_s: shape.cool_down_s.partial().optional(),
  max_actions_per_minute: shape.max_actions_per_minute.optional(),
})

const SETTINGS = [
  "armed",
  "warning_c",
  "critical_c",
  "resume_c",
  "actions",
  "max_actions_per_minute",
] as const

/**
 * Changes a site's thermal policy; what is not given stays. Its collectors take it with their next heartbeat. `changed`
 * names what moved. Throws CONFLICT when somebody changed it since `version`, INVALID when it makes no sense as a whole.
 */
export async function saveThermalConfig(
  ctx: Context,
  input: z.input<typeof saveThermalConfigInput>,
): Promise<{ config: ThermalConfig; changed: string[] }> {
  requirePermission(ctx, "THERMAL_MANAGE", input.siteId, "FULL")
  const { siteId, version, cool_down_s, ...given } = parseInput(saveThermalConfigInput, input)
  return ctx.db.transaction(async (tx) => {
    const site = await lockSite(tx, siteId)
    if (!site || site.archivedAt) throw new DomainError("NOT_FOUND", "There is no such site.")
    const row = await findThermalConfig(tx, siteId)
    const before = thermalConfigOf(site, row)
    if (version !== undefined && version !== before.version) throw changedMeanwhile()
    const asked = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    const after = parseInput(thermalSettingsSchema, {
      ...withoutVersion(before),
      ...asked,
      cool_down_s: { ...before.cool_down_s, ...cool_down_s } as ThermalConfig["cool_down_s"],
    })
    const changed = [
      ...SETTINGS.filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name])),
      ...THERMAL_ACTIONS.filter((name) => after.cool_down_s[name] !== before.cool_down_s[name]).map(
        (name) => `cool_down_s.${name}`,
      ),
    ]
    if (changed.length === 0) return { config: before, changed }
    const at = ctx.now()
    const stored = await storeThermalConfig(
      tx,
      {
        siteId,
        armed: after.armed,
        warningC: after.warning_c,
        criticalC: after.critical_c,
        resumeC: after.resume_c,
        actions: after.actions,
        fanUpCoolDownS: after.cool_down_s.fan_up,
        ecoCoolDownS: after.cool_down_s.eco,
        sleepCoolDownS: after.cool_down_s.sleep,
        offCoolDownS: after.cool_down_s.off,
        maxActionsPerMinute: after.max_actions_per_minute,
        updatedAt: at,
        updatedBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
      },
      before.version,
    )
    if (!stored) throw changedMeanwhile()
    await bumpConfigVersion(tx, siteId)
    const part = (of: Record<string, unknown>) =>
      Object.fromEntries(
        [...new Set(changed.map((name) => name.split(".")[0] as string))].map((name) => [name, of[name]]),
      )
    await writeAudit(tx, ctx, {
      action:
        after.armed === before.armed ? "thermal.update" : after.armed ? "thermal.arm" : "thermal.disarm",
      siteId,
      subjectType: "site",
      subjectId: siteId,
      before: part(before),
      after: part(after),
    })
    await notifyLive(tx, { kind: "site", siteId, at: at.toISOString() })
    return { config: { ...after, version: before.version + 1, updated_at: at }, changed }
  })
}

function withoutVersion({ version: _, updated_at: __, ...policy }: ThermalConfig) {
  return policy
}

function changedMeanwhile(): DomainError {
  const message =
    "Somebody changed this policy since you looked at it. Look at it as it is now, and try again."
  return new DomainError("CONFLICT", message, { details: [{ path: "version", message }] })
}

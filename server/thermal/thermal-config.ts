import { z } from "zod"
import type { Executor } from "#db/client.ts"
import type { Site } from "#db/queries/sites.ts"
import { findThermalConfig, type ThermalConfigRow } from "#db/queries/thermal-config.ts"
import {
  isStopping,
  RESUME_BELOW_WARNING_C,
  THERMAL_ACTIONS,
  THERMAL_DEFAULTS,
  type ThermalPolicy,
} from "#server/contract/thermal.ts"

/** The policy of a site with its version: 0 while nobody has set one, and then by the site's chip limits, not armed. */
export type ThermalConfig = ThermalPolicy & { version: number; updated_at: Date | null }

const tempC = z.number("Give a temperature in °C.").min(30, "At least 30 °C.").max(150, "At most 150 °C.")
const coolDown = z
  .number("Give whole seconds.")
  .int("Whole seconds.")
  .min(5, "At least 5 s.")
  .max(86_400, "At most 86,400 s: a day.")

export const thermalSettingsSchema = z
  .object({
    armed: z.boolean("Say whether the guard is armed."),
    warning_c: tempC,
    critical_c: tempC,
    resume_c: tempC,
    actions: z
      .array(z.enum(THERMAL_ACTIONS, "An action is fan_up, eco, sleep or off."))
      .max(THERMAL_ACTIONS.length)
      .refine((actions) => new Set(actions).size === actions.length, "An action stands twice."),
    cool_down_s: z.strictObject({ fan_up: coolDown, eco: coolDown, sleep: coolDown, off: coolDown }),
    max_actions_per_minute: z
      .number("Give a whole number.")
      .int("A whole number.")
      .min(1, "At least 1.")
      .max(500, "At most 500."),
  })
  .superRefine((policy, check) => {
    const refuse = (path: string, message: string) =>
      check.addIssue({ code: "custom", path: [path], message })
    if (policy.critical_c <= policy.warning_c)
      refuse("critical_c", "The critical temperature must be above the warning.")
    if (policy.resume_c >= policy.warning_c)
      refuse("resume_c", "The guard lets go below the warning: this must be lower.")
    const stop = policy.actions.findIndex(isStopping)
    if (stop !== -1 && policy.actions.slice(stop).some((action) => !isStopping(action)))
      refuse(
        "actions",
        "Fans and low power come before sleep and off: after those the machine does not mine.",
      )
    if (policy.armed && policy.actions.length === 0)
      refuse("actions", "An armed guard needs at least one action.")
  })

export function thermalConfigOf(
  site: Pick<Site, "chipWarningC" | "chipCriticalC">,
  row: ThermalConfigRow | null,
): ThermalConfig {
  if (row === null)
    return {
      armed: false,
      warning_c: site.chipWarningC,
      critical_c: site.chipCriticalC,
      resume_c: site.chipWarningC - RESUME_BELOW_WARNING_C,
      actions: [...THERMAL_DEFAULTS.actions],
      cool_down_s: { ...THERMAL_DEFAULTS.cool_down_s },
      max_actions_per_minute: THERMAL_DEFAULTS.max_actions_per_minute,
      version: 0,
      updated_at: null,
    }
  return {
    armed: row.armed,
    warning_c: row.warningC,
    critical_c: row.criticalC,
    resume_c: row.resumeC,
    actions: row.actions,
    cool_down_s: {
      fan_up: row.fanUpCoolDownS,
      eco: row.ecoCoolDownS,
      sleep: row.sleepCoolDownS,
      off: row.offCoolDownS,
    },
    max_actions_per_minute: row.maxActionsPerMinute,
    version: row.version,
    updated_at: row.updatedAt,
  }
}

/** What `edge.config` sends of it. */
export async function readThermalPolicy(db: Executor, site: Site): Promise<ThermalPolicy> {
  const {
    version: _,
    updated_at: __,
    ...policy
  } = thermalConfigOf(site, await findThermalConfig(db, site.id))
  return policy
}

import { selectPolicySites } from "#db/queries/commands.ts"
import type { StoredAction } from "#server/contract/command-parameters.ts"
import { COMMAND_FEATURES, type CommandFeature } from "#server/contract/commands.ts"
import type { Role } from "#server/contract/permissions.ts"
import { requireUser, roleAt } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { decideCommand } from "./policy.ts"

/** What pages offer to somebody in a role at a site: all that the policy does not refuse him whatever the machines. */
export function featuresFor(role: Role, site: { clientCommandsAllowed: boolean }): CommandFeature[] {
  return COMMAND_FEATURES.filter((feature) => {
    const action = EXAMPLES[feature]
    return decideCommand({ action, role, targets: 1, site: { ...SITE, ...site } }).verdict !== "refused"
  })
}

/** The same at one site, or at any of the actor's sites. Empty: there is nothing that he may ask for. */
export async function offeredFeatures(
  ctx: Context,
  input: { siteId?: number } = {},
): Promise<CommandFeature[]> {
  const actor = requireUser(ctx)
  if (actor.account === "client") {
    const wanted = actor.ownedSiteIds.filter((id) => input.siteId === undefined || id === input.siteId)
    const sites = wanted.length > 0 ? await selectPolicySites(ctx.db, wanted) : []
    return unionOf(sites.map((site) => featuresFor("client", site)))
  }
  const roles =
    input.siteId !== undefined
      ? [roleAt(actor, input.siteId)]
      : [actor.globalRole, ...new Set(actor.memberships.values())]
  return unionOf(roles.flatMap((role) => (role ? [featuresFor(role, { clientCommandsAllowed: false })] : [])))
}

function unionOf(lists: CommandFeature[][]): CommandFeature[] {
  const all = new Set(lists.flat())
  return COMMAND_FEATURES.filter((feature) => all.has(feature))
}

/** Refusals are by role and kind of command alone: the rest of a site's settings does not matter. */
const SITE = { approvalBatchThreshold: 1, twoPersonRule: false, chipCriticalC: 95 }

const ID = "00000000-0000-4000-8000-000000000000"
const EXAMPLES: Record<CommandFeature, StoredAction> = {
  "REBOOT.soft": { type: "REBOOT", parameters: { mode: "soft" } },
  "REBOOT.hard": { type: "REBOOT", parameters: { mode: "hard" } },
  ENABLE: { type: "ENABLE", parameters: {} },
  DISABLE: { type: "DISABLE", parameters: {} },
  "POWER_MODE.high": { type: "POWER_MODE", parameters: { mode: "high" } },
  "POWER_MODE.normal": { type: "POWER_MODE", parameters: { mode: "normal" } },
  "POWER_MODE.eco": { type: "POWER_MODE", parameters: { mode: "eco" } },
  "POWER_MODE.sleep": { type: "POWER_MODE", parameters: { mode: "sleep" } },
  "POWER_MODE.limit": { type: "POWER_MODE", parameters: { power_limit_w: 3_000 } },
  CHANGE_POOL: {
    type: "CHANGE_POOL",
    parameters: { pools: [{ url: "stratum+tcp://pool.example.com:3333", worker_name: "account.worker" }] },
  },
  SET_FREQ: { type: "SET_FREQ", parameters: { frequency_mhz: 500 } },
  "THERMAL_POLICY.auto": { type: "THERMAL_POLICY", parameters: { fan_mode: "auto" } },
  "THERMAL_POLICY.manual": { type: "THERMAL_POLICY", parameters: { fan_mode: "manual", fan_speed_pct: 80 } },
  "THERMAL_POLICY.immersion": { type: "THERMAL_POLICY", parameters: { fan_mode: "immersion" } },
  LED: { type: "LED", parameters: { state: "on" } },
  BACKUP_CONFIG: { type: "BACKUP_CONFIG", parameters: { name: "backup" } },
  RESTORE_CONFIG: { type: "RESTORE_CONFIG", parameters: { backup_id: ID } },
  UPDATE_FIRMWARE: { type: "UPDATE_FIRMWARE", parameters: { artifact_id: ID } },
  SET_LOGIN: { type: "SET_LOGIN", parameters: {} },
}

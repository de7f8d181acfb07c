import type { StoredAction } from "#server/contract/command-parameters.ts"
import type { ApprovalReason } from "#server/contract/commands.ts"
import { PERMISSION_TABLE, type Role } from "#server/contract/permissions.ts"

/**
 * Who may ask for what, and what needs a second person: one pure engine for pages, API, schedules and alerts
 * (`decisions.md` 13, 14, 16). Schedules and alerts ask in the role of the person behind them, else as an operator.
 */
export type PolicyFacts = {
  action: StoredAction
  /** Of the requester, at the site. */
  role: Role
  /** Targets of the request at the site. */
  targets: number
  site: {
    approvalBatchThreshold: number
    twoPersonRule: boolean
    clientCommandsAllowed: boolean
    chipCriticalC: number
  }
  /**
   * The lowest nameplate frequency among the targets, MHz; absent: unknown, and every SET_FREQ is dangerous. No
   * document of ours holds one by model (`protocols/models.md` has boards, chips and fans).
   */
  nameplateMhz?: number
}

/** `message` and `reasons` are for the person who asks. */
export type PolicyDecision =
  | { verdict: "allowed" }
  | { verdict: "needs_approval"; reasons: ApprovalReason[] }
  | { verdict: "refused"; message: string }

export function decideCommand(facts: PolicyFacts): PolicyDecision {
  const refusal = refusalOf(facts)
  if (refusal) return { verdict: "refused", message: refusal }
  const reasons: ApprovalReason[] = []
  if (isDangerous(facts)) reasons.push("dangerous")
  if (facts.targets > facts.site.approvalBatchThreshold) reasons.push("batch")
  if (reasons.length === 0) return { verdict: "allowed" }
  if (facts.role !== "admin") return { verdict: "needs_approval", reasons }
  if (!facts.site.twoPersonRule) return { verdict: "allowed" }
  return { verdict: "needs_approval", reasons: [...reasons, "two_person"] }
}

/** Actions that can stop a machine, move its income or be hard to undo. */
export function isDangerous({
  action,
  site,
  nameplateMhz,
}: Pick<PolicyFacts, "action" | "site" | "nameplateMhz">): boolean {
  switch (action.type) {
    case "REBOOT":
      return action.parameters.mode === "hard"
    case "POWER_MODE":
      return "mode" in action.parameters && action.parameters.mode === "sleep"
    case "THERMAL_POLICY":
      return (
        action.parameters.fan_mode !== "auto" || (action.parameters.temp_critical_c ?? 0) > site.chipCriticalC
      )
    case "SET_FREQ":
      return nameplateMhz === undefined || action.parameters.frequency_mhz > nameplateMhz
    case "DISABLE":
    case "CHANGE_POOL":
    case "RESTORE_CONFIG":
    case "UPDATE_FIRMWARE":
    case "SET_LOGIN":
      return true
    case "ENABLE":
    case "LED":
    case "BACKUP_CONFIG":
      return false
  }
}

function refusalOf({ role, action, site }: PolicyFacts): string | null {
  if (PERMISSION_TABLE.REMOTE_CONTROL_REQUEST[role] === "NONE")
    return "Your role at this site cannot request commands."
  const { type } = action
  if (role === "technician" && type !== "LED" && type !== "REBOOT")
    return "A technician may request LED and REBOOT only."
  if (role !== "client") return null
  if (!site.clientCommandsAllowed) return "This site does not take commands from clients."
  const allowed =
    type === "LED" || type === "CHANGE_POOL" || (type === "REBOOT" && action.parameters.mode === "soft")
  return allowed ? null : "Clients may request a soft reboot, LED and a change of pool only."
}

/** The strictest of several sites' decisions, with the reasons of all that wait. */
export function strictest(decisions: readonly PolicyDecision[]): PolicyDecision {
  const refused = decisions.find((decision) => decision.verdict === "refused")
  if (refused) return refused
  const reasons = decisions.flatMap((decision) =>
    decision.verdict === "needs_approval" ? decision.reasons : [],
  )
  return reasons.length > 0
    ? { verdict: "needs_approval", reasons: [...new Set(reasons)] }
    : { verdict: "allowed" }
}

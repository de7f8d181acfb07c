import type { ApprovalReason, CommandType } from "#server/contract/commands.ts"
import type { Role } from "#server/contract/permissions.ts"

/**
 * Who may ask for what, and what needs a second person: one pure engine for pages, API, schedules and alerts
 * (`decisions.md` 13, 14, 16).
 */
export type PolicyFacts = {
  type: CommandType
  parameters: Record<string, unknown>
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
  /** The lowest nameplate frequency among the targets, MHz; null or absent: unknown. */
  nameplateMhz?: number | null
}

export type PolicyDecision =
  | { verdict: "queued" }
  | { verdict: "needs_approval"; reasons: ApprovalReason[] }
  | { verdict: "forbidden"; message: string }

export function decideCommand(facts: PolicyFacts): PolicyDecision {
  const refusal = refusalOf(facts)
  if (refusal) return { verdict: "forbidden", message: refusal }
  const reasons: ApprovalReason[] = []
  if (isDangerous(facts)) reasons.push("dangerous")
  if (facts.targets > facts.site.approvalBatchThreshold) reasons.push("batch")
  if (reasons.length === 0) return { verdict: "queued" }
  if (facts.role !== "admin") return { verdict: "needs_approval", reasons }
  if (!facts.site.twoPersonRule) return { verdict: "queued" }
  return { verdict: "needs_approval", reasons: [...reasons, "two_person"] }
}

/** Types that can stop a machine, move its income or be hard to undo. */
export function isDangerous({
  type,
  parameters,
  site,
  nameplateMhz,
}: Pick<PolicyFacts, "type" | "parameters" | "site" | "nameplateMhz">): boolean {
  switch (type) {
    case "REBOOT":
      return parameters.mode === "hard"
    case "POWER_MODE":
      return parameters.mode === "sleep"
    case "THERMAL_POLICY":
      return (
        parameters.fan_mode === "manual" ||
        parameters.fan_mode === "immersion" ||
        (typeof parameters.temp_critical_c === "number" && parameters.temp_critical_c > site.chipCriticalC)
      )
    case "SET_FREQ":
      return nameplateMhz == null || !(Number(parameters.frequency_mhz) <= nameplateMhz)
    case "DISABLE":
    case "CHANGE_POOL":
    case "RESTORE_CONFIG":
    case "UPDATE_FIRMWARE":
      return true
    case "ENABLE":
    case "LED":
    case "BACKUP_CONFIG":
      return false
  }
}

const TECHNICIAN_TYPES: readonly CommandType[] = ["LED", "REBOOT"]

function refusalOf({ role, type, parameters, site }: PolicyFacts): string | null {
  if (role === "auditor") return "An auditor cannot request commands."
  if (role === "technician" && !TECHNICIAN_TYPES.includes(type))
    return "A technician may request LED and REBOOT only."
  if (role !== "client") return null
  if (!site.clientCommandsAllowed) return "This site does not take commands from clients."
  const allowed =
    type === "LED" || type === "CHANGE_POOL" || (type === "REBOOT" && parameters.mode === "soft")
  return allowed ? null : "Clients may request a soft reboot, LED and a change of pool only."
}

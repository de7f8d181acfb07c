import { z } from "zod"

/** Commands: types, parameters and states of the contract. The state machine itself is `server/commands/lifecycle.ts`. */
export const COMMAND_TYPES = [
  "REBOOT",
  "ENABLE",
  "DISABLE",
  "POWER_MODE",
  "CHANGE_POOL",
  "SET_FREQ",
  "THERMAL_POLICY",
  "LED",
  "BACKUP_CONFIG",
  "RESTORE_CONFIG",
  "UPDATE_FIRMWARE",
] as const
export type CommandType = (typeof COMMAND_TYPES)[number]

/** Types that can be requested in this release; the rest of the contract follows with the command plane. */
export const OFFERED_COMMAND_TYPES = ["REBOOT", "LED"] as const satisfies readonly CommandType[]
export type OfferedCommandType = (typeof OFFERED_COMMAND_TYPES)[number]

export const rebootParametersSchema = z.strictObject({ mode: z.enum(["soft", "hard"]) })
export const ledParametersSchema = z.strictObject({ state: z.enum(["on", "off"]) })

/** Type and parameters together, validated at request, at dispatch and at the edge. */
export const commandActionSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("REBOOT"), parameters: rebootParametersSchema }),
  z.object({ type: z.literal("LED"), parameters: ledParametersSchema }),
])
export type CommandAction = z.infer<typeof commandActionSchema>

/** An idempotent command may be tried again when its outcome is unknown; only those. */
export const IDEMPOTENT: Record<CommandType, boolean> = {
  REBOOT: false,
  ENABLE: true,
  DISABLE: true,
  POWER_MODE: true,
  CHANGE_POOL: true,
  SET_FREQ: true,
  THERMAL_POLICY: true,
  LED: true,
  BACKUP_CONFIG: true,
  RESTORE_CONFIG: false,
  UPDATE_FIRMWARE: false,
}

export const COMMAND_STATUSES = [
  "PENDING",
  "PENDING_APPROVAL",
  "QUEUED",
  "RUNNING",
  "SUCCEEDED",
  "FAILED",
  "EXPIRED",
  "CANCELLED",
] as const
export type CommandStatus = (typeof COMMAND_STATUSES)[number]

export const RESULT_STATUSES = ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "SKIPPED"] as const
export type ResultStatus = (typeof RESULT_STATUSES)[number]

export const EDGE_STATUSES = ["pending", "sent", "completed", "failed", "expired", "cancelled"] as const
export type EdgeStatus = (typeof EDGE_STATUSES)[number]

export const COMMAND_SOURCES = ["manual", "scheduled", "automatic", "api"] as const
export type CommandSource = (typeof COMMAND_SOURCES)[number]

/** What the edge answers for one miner. */
export const RESULT_CODES = { OK: 0, FAILED: 1, SKIPPED: 2, REJECTED: 3, BUSY: 4, UNKNOWN: 5 } as const
export const resultCodeSchema = z.union([
  z.literal(0),
  z.literal(1),
  z.literal(2),
  z.literal(3),
  z.literal(4),
  z.literal(5),
])
export type ResultCode = z.infer<typeof resultCodeSchema>

export const DEFAULT_PRIORITY = 5

/** Why a request waits for a second person (`decisions.md` 16). */
export const APPROVAL_REASONS = ["dangerous", "batch", "two_person"] as const
export type ApprovalReason = (typeof APPROVAL_REASONS)[number]

/** Why a target gets no command, told by preview and dispatch alike. */
export const SKIP_REASONS = ["retired", "no_collector", "never_reported", "offline", "busy"] as const
export type SkipReason = (typeof SKIP_REASONS)[number]

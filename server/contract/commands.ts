import { z } from "zod"
import type { StoredAction } from "./command-parameters.ts"

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
  "SET_LOGIN",
] as const
export type CommandType = (typeof COMMAND_TYPES)[number]

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
  // Looked at by logging in: a machine that takes the new login already is left alone.
  SET_LOGIN: true,
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

/**
 * Why a target gets no command now, told by preview and dispatch alike. `unsupported`: its driver says that this model
 * and firmware cannot; `conflict`: a command that does the opposite is open on it; `no_key`: its collector cannot open
 * what the request sealed; `foreign_backup`: the backup is another machine's.
 */
export const BLOCK_REASONS = [
  "retired",
  "no_collector",
  "never_reported",
  "offline",
  "unsupported",
  "conflict",
  "no_key",
  "foreign_backup",
] as const
export type BlockReason = (typeof BLOCK_REASONS)[number]

/** Why a target became SKIPPED, or FAILED without acting, on the server's side. */
export const SKIP_REASONS = [...BLOCK_REASONS, "expired", "cancelled", "denied", "not_approved"] as const
export type SkipReason = (typeof SKIP_REASONS)[number]

/** How the preview groups targets; `busy` waits behind another command, `already` is checked again at the machine. */
export const PREVIEW_GROUPS = ["will_run", "already", "busy", "conflict", "offline", "cannot"] as const
export type PreviewGroup = (typeof PREVIEW_GROUPS)[number]

/** What a driver can or cannot do, per model and firmware: a type, or a part of one. */
export const COMMAND_FEATURES = [
  "REBOOT.soft",
  "REBOOT.hard",
  "ENABLE",
  "DISABLE",
  "POWER_MODE.high",
  "POWER_MODE.normal",
  "POWER_MODE.eco",
  "POWER_MODE.sleep",
  "POWER_MODE.limit",
  "CHANGE_POOL",
  "SET_FREQ",
  "THERMAL_POLICY.auto",
  "THERMAL_POLICY.manual",
  "THERMAL_POLICY.immersion",
  "LED",
  "BACKUP_CONFIG",
  "RESTORE_CONFIG",
  "UPDATE_FIRMWARE",
  "SET_LOGIN",
] as const
export type CommandFeature = (typeof COMMAND_FEATURES)[number]

export function featureOf(action: StoredAction): CommandFeature {
  switch (action.type) {
    case "REBOOT":
      return `REBOOT.${action.parameters.mode}`
    case "POWER_MODE":
      return "mode" in action.parameters ? `POWER_MODE.${action.parameters.mode}` : "POWER_MODE.limit"
    case "THERMAL_POLICY":
      return `THERMAL_POLICY.${action.parameters.fan_mode}`
    default:
      return action.type
  }
}

/** Features whose open command undoes or disturbs another: a target with one of these open is in conflict. */
const OFF = ["DISABLE", "POWER_MODE.sleep"] as const
const ON = ["ENABLE", "POWER_MODE.high", "POWER_MODE.normal", "POWER_MODE.eco", "POWER_MODE.limit"] as const
const UPHEAVAL = ["UPDATE_FIRMWARE", "RESTORE_CONFIG"] as const
export function conflictingFeatures(feature: CommandFeature): readonly CommandFeature[] {
  const opposite: readonly CommandFeature[] = (OFF as readonly string[]).includes(feature)
    ? ON
    : (ON as readonly string[]).includes(feature)
      ? OFF
      : []
  if (feature === "LED" || feature === "BACKUP_CONFIG") return []
  if ((UPHEAVAL as readonly string[]).includes(feature))
    return COMMAND_FEATURES.filter((other) => other !== "LED" && other !== "BACKUP_CONFIG")
  return [
    ...opposite,
    ...UPHEAVAL,
    ...(feature.startsWith("REBOOT") ? (["REBOOT.soft", "REBOOT.hard"] as const) : []),
    // Two passwords look alike from here, so one after the other would leave the second by chance.
    ...(feature === "SET_LOGIN" ? (["SET_LOGIN"] as const) : []),
  ]
}

/** A batch over more targets than this runs in waves. */
export const WAVES_ABOVE_TARGETS = 10

/**
 * What a wave has to show before the next one starts, within `graceS` of its last answer (`decisions.md` 19).
 * `answered`: accepted is enough; `reachable`: seen online since; `hashing`: at the set share of its rate before.
 */
export const WAVE_GATES: Record<CommandType, { sign: "answered" | "reachable" | "hashing"; graceS: number }> =
  {
    REBOOT: { sign: "hashing", graceS: 15 * 60 },
    ENABLE: { sign: "hashing", graceS: 15 * 60 },
    DISABLE: { sign: "reachable", graceS: 10 * 60 },
    POWER_MODE: { sign: "hashing", graceS: 15 * 60 },
    CHANGE_POOL: { sign: "hashing", graceS: 10 * 60 },
    SET_FREQ: { sign: "hashing", graceS: 15 * 60 },
    THERMAL_POLICY: { sign: "hashing", graceS: 10 * 60 },
    LED: { sign: "answered", graceS: 0 },
    BACKUP_CONFIG: { sign: "answered", graceS: 0 },
    RESTORE_CONFIG: { sign: "hashing", graceS: 15 * 60 },
    UPDATE_FIRMWARE: { sign: "hashing", graceS: 45 * 60 },
    SET_LOGIN: { sign: "answered", graceS: 0 },
  }
export function waveGate(feature: CommandFeature): {
  sign: "answered" | "reachable" | "hashing"
  graceS: number
} {
  if (feature === "POWER_MODE.sleep") return WAVE_GATES.DISABLE
  return WAVE_GATES[feature.split(".")[0] as CommandType]
}

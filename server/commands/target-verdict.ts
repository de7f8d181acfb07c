import type { TargetDemand } from "#db/queries/command-targets.ts"
import { type StoredAction, storedActionSchema } from "#server/contract/command-parameters.ts"
import { featureOf, type SkipReason } from "#server/contract/commands.ts"

/**
 * What an action asks of each target. `secrets`: where its collector's ciphertext comes from; ignored for actions that
 * carry none.
 */
export function demandOf(
  action: StoredAction,
  options: { secrets: NonNullable<TargetDemand["secrets"]>; exceptCommandId?: string },
): TargetDemand {
  return {
    type: action.type,
    feature: featureOf(action),
    parameters: action.parameters,
    attemptOffline: attemptsOffline(action),
    secrets: carriesSecrets(action.type) ? options.secrets : null,
    backupId: action.type === "RESTORE_CONFIG" ? action.parameters.backup_id : null,
    artifactId: action.type === "UPDATE_FIRMWARE" ? action.parameters.artifact_id : null,
    exceptCommandId: options.exceptCommandId ?? null,
  }
}

/** The demand of a command that was requested: its secrets are sealed under its own id. */
export function demandOfCommand(command: {
  id: string
  type: string
  parameters: Record<string, unknown>
}): TargetDemand {
  const { id, type, parameters } = command
  return demandOf(storedActionSchema.parse({ type, parameters }), {
    secrets: { from: "subject", subjectType: "command", id },
    exceptCommandId: id,
  })
}

/** Types whose parameters hold passwords, sealed apart from what is stored. */
export function carriesSecrets(type: StoredAction["type"]): boolean {
  return type === "CHANGE_POOL" || type === "SET_LOGIN"
}

/**
 * A hard reboot is tried on a machine that counts as offline: its board may answer where its mining process does not,
 * and that is when it is needed most. Everything else would only fail there.
 */
export function attemptsOffline(action: StoredAction): boolean {
  return action.type === "REBOOT" && action.parameters.mode === "hard"
}

/** Why a target was or will be skipped, for people. */
export const SKIP_SENTENCES: Record<SkipReason, string> = {
  retired: "The machine is retired.",
  no_collector: "No collector reaches the machine.",
  never_reported: "The machine has never reported.",
  offline: "The machine is offline.",
  unsupported: "Its model and firmware cannot do it.",
  conflict: "An open command on the machine does the opposite.",
  no_key: "Its collector cannot open the passwords of this request.",
  foreign_backup: "The backup is another machine's.",
  expired: "Nobody fetched it in time.",
  cancelled: "Cancelled before it started.",
  denied: "The request was denied.",
  not_approved: "Nobody approved the request in time.",
}

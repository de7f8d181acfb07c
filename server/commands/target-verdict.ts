import type { CommandType, SkipReason } from "#server/contract/commands.ts"

/**
 * A hard reboot is tried on a machine that counts as offline: its board may answer where its mining process does not,
 * and that is when it is needed most. Everything else would only fail there.
 */
export function attemptsOffline(action: { type: CommandType; parameters: Record<string, unknown> }): boolean {
  return action.type === "REBOOT" && action.parameters.mode === "hard"
}

/** Why a target was or will be skipped, for people. */
export const SKIP_SENTENCES: Record<SkipReason, string> = {
  retired: "The machine is retired.",
  no_collector: "No collector reaches the machine.",
  never_reported: "The machine has never reported.",
  offline: "The machine is offline.",
  busy: "Another command is still open on the machine.",
}

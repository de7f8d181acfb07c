import type { CommandFeature, CommandType } from "#server/contract/commands.ts"

/**
 * Commands as the pages offer them: `TYPE` or `TYPE:choice`, the same in links, forms and the catalogue of texts. One
 * with a choice is complete by itself; the others ask for their settings first.
 */
export const ACTION_CHOICES = [
  "REBOOT:soft",
  "REBOOT:hard",
  "ENABLE",
  "DISABLE",
  "CHANGE_POOL",
  "POWER_MODE",
  "SET_FREQ",
  "THERMAL_POLICY",
  "LED:on",
  "LED:off",
  "BACKUP_CONFIG",
  "RESTORE_CONFIG",
  "UPDATE_FIRMWARE",
  "SET_LOGIN",
] as const
export type ActionChoice = (typeof ACTION_CHOICES)[number]

/** The order in which pages show them. */
export const CHOICE_GROUPS = [
  { name: "mining", choices: ["REBOOT:soft", "REBOOT:hard", "ENABLE", "DISABLE"] },
  { name: "settings", choices: ["CHANGE_POOL", "POWER_MODE", "SET_FREQ", "THERMAL_POLICY"] },
  { name: "find", choices: ["LED:on", "LED:off"] },
  { name: "software", choices: ["BACKUP_CONFIG", "RESTORE_CONFIG", "UPDATE_FIRMWARE"] },
  { name: "access", choices: ["SET_LOGIN"] },
] as const satisfies { name: string; choices: readonly ActionChoice[] }[]

export function choiceOf(text: string | null): ActionChoice | null {
  return ACTION_CHOICES.find((choice) => choice === text) ?? null
}

/** The choice that an action is an example of. */
export function choiceOfAction(type: string, parameters: unknown): ActionChoice | null {
  const given = (parameters ?? {}) as Record<string, unknown>
  return choiceOf(type) ?? choiceOf(`${type}:${String(given.mode ?? given.state)}`)
}

export function typeOf(choice: ActionChoice): CommandType {
  return choice.split(":")[0] as CommandType
}

/** Those of which at least one form may be asked for. */
export function choicesWith(features: readonly CommandFeature[]): ActionChoice[] {
  return ACTION_CHOICES.filter((choice) => {
    const [type, mode] = choice.split(":")
    return features.some((feature) =>
      type === "REBOOT" ? feature === `REBOOT.${mode}` : feature === type || feature.startsWith(`${type}.`),
    )
  })
}

/** Where to go on asking for it: `to` says which machines (`ids=1,2`, `filter=…`). Says nothing of settings. */
export function requestPath(choice: ActionChoice | null, to: Record<string, string>): string {
  return `/commands/new?${new URLSearchParams({ ...(choice ? { action: choice } : {}), ...to })}`
}

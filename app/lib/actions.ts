import type { CommandAction } from "#server/contract/commands.ts"

/** Commands as the pages offer them: `TYPE:choice`, the same in links, forms and the catalogue of texts. */
export const ACTION_CHOICES = ["REBOOT:soft", "REBOOT:hard", "LED:on", "LED:off"] as const
export type ActionChoice = (typeof ACTION_CHOICES)[number]

const ACTIONS: Record<ActionChoice, CommandAction> = {
  "REBOOT:soft": { type: "REBOOT", parameters: { mode: "soft" } },
  "REBOOT:hard": { type: "REBOOT", parameters: { mode: "hard" } },
  "LED:on": { type: "LED", parameters: { state: "on" } },
  "LED:off": { type: "LED", parameters: { state: "off" } },
}

export function choiceOf(text: string | null): ActionChoice | null {
  return ACTION_CHOICES.find((choice) => choice === text) ?? null
}

export function actionOf(choice: ActionChoice): CommandAction {
  return ACTIONS[choice]
}

import { COMMAND_FEATURES, type CommandFeature } from "#server/contract/commands.ts"
import { fault, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, Capabilities, Driver, DriverAction, DriverContext, Identity } from "./driver.ts"
import { featureOfAction } from "./feature-of-action.ts"
import { notDone } from "./outcomes.ts"

/** What a family does for each action; absent: it cannot. */
export type ActTable = {
  [T in DriverAction["type"]]?: (
    context: DriverContext,
    identity: Identity,
    action: Extract<DriverAction, { type: T }>,
  ) => Promise<ActOutcome>
}

/** `act` by a table. Nothing is sent for what `capabilities` says this unit cannot do. */
export function actBy(table: ActTable, capabilities: Driver["capabilities"]): Driver["act"] {
  return async (context, identity, action) => {
    const can = capabilities(identity).can(featureOfAction(action))
    if (!can.ok) return { ...can, sent: false }
    const act = table[action.type] as
      | ((context: DriverContext, identity: Identity, action: DriverAction) => Promise<ActOutcome>)
      | undefined
    return act === undefined
      ? notDone("unsupported", `${named(identity)}: ${action.type} is not built for this family.`)
      : act(context, identity, action)
  }
}

/** `true`: it can; a text: why not, the rest of a sentence without its full stop (`it controls its fans by itself`). */
export type FeatureRules = Partial<Record<CommandFeature, true | string>>

/** Capabilities by rules; what they leave out it cannot, for the reason `otherwise`. */
export function capabilitiesBy(identity: Identity, rules: FeatureRules, otherwise: string): Capabilities {
  return {
    can: (feature) => {
      const rule = rules[feature] ?? otherwise
      return rule === true ? ok(true) : fault("unsupported", `${named(identity)}: ${rule}.`)
    },
  }
}

/** Every feature with the same answer, to begin a table with. */
export function everyFeature(rule: true | string): FeatureRules {
  return Object.fromEntries(COMMAND_FEATURES.map((feature) => [feature, rule])) as FeatureRules
}

/** `Antminer S19 Pro (LuxOS 2024.5.1)`, as every refusal names the unit. */
export function named({ make, model, firmware, firmwareVersion }: Identity): string {
  const version = firmwareVersion ?? "version not told"
  return `${make}${model === null ? "" : ` ${model}`} (${firmware === null ? version : `${firmware} ${version}`})`
}

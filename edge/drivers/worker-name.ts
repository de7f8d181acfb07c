import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"

const PLACEHOLDER = /\{[^}]*\}?/

/** The miner's own part of a worker name, what follows its first dot; null when it has none. */
export function ownPart(workerName: string | null): string | null {
  const dot = workerName?.indexOf(".") ?? -1
  return dot < 0 ? null : workerName!.slice(dot + 1) || null
}

/**
 * Fills `{worker}` with the miner's own part of its present worker name. A name that cannot be filled, or that holds a
 * placeholder which somebody else should have filled, is `unsupported`: nobody mines under a name with braces in it.
 */
export function fillWorkerName(template: string, present: string | null): Outcome<string> {
  const own = ownPart(present)
  if (template.includes("{worker}") && own === null)
    return fault(
      "unsupported",
      present === null || present === ""
        ? "The miner has no worker name yet that {worker} could stand for."
        : `The miner's worker name "${present.slice(0, 64)}" has no part after a dot that {worker} could stand for.`,
    )
  const name = template.replaceAll("{worker}", () => own ?? "")
  const left = PLACEHOLDER.exec(template.replaceAll("{worker}", ""))
  return left === null
    ? ok(name)
    : fault("unsupported", `Nothing is known to put for ${left[0].slice(0, 32)}.`)
}

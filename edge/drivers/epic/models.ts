import { antminerFacts, type ModelFacts } from "../antminer/models.ts"

/** ePIC's own machines and those that it converted: boards × chips, and fans. */
const OWN: readonly (readonly [name: RegExp, facts: ModelFacts])[] = [
  [/520i/i, { boards: 3, chips: 124, fans: 4 }],
  [/720i/i, { boards: 3, chips: 180, fans: 4 }],
  [/elite/i, { boards: 3, chips: 105, fans: 4 }],
  [/s19j\s*pro.*dual/i, { boards: 6, chips: 126, fans: 8 }],
]

export function epicFacts(model: string | null): ModelFacts | null {
  if (model === null) return null
  return OWN.find(([name]) => name.test(model))?.[1] ?? antminerFacts(model)
}

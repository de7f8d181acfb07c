export type ModelFacts = { boards: number; chips: number | null; fans: number | null }

/** From the model catalogue of the protocol papers; AI and AD are cooled by water. */
const CATALOGUE: readonly (readonly [RegExp, ModelFacts])[] = [
  [/^AT2880/i, { boards: 3, chips: 138, fans: 4 }],
  [/^AT1500/i, { boards: 3, chips: 132, fans: 4 }],
  [/^AT2860/i, { boards: 3, chips: null, fans: 4 }],
  [/^A[ID]\d/i, { boards: 3, chips: null, fans: 0 }],
]

export function auradineFacts(model: string | null): ModelFacts | null {
  const name = model?.replace(/^teraflux[\s_-]*/i, "") ?? ""
  return CATALOGUE.find(([pattern]) => pattern.test(name))?.[1] ?? null
}

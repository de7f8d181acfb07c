import type { ModelFacts } from "../antminer/models.ts"

/** The one model of each maker; their stats list a fourth slot that is empty. */
const FACTS: Readonly<Record<string, ModelFacts>> = {
  "hammer D10": { boards: 3, chips: 108, fans: 2 },
  "volcminer D1": { boards: 3, chips: 105, fans: 4 },
}

export function blackFacts(family: string, model: string | null): ModelFacts | null {
  return FACTS[`${family} ${model ?? ""}`] ?? null
}

/** Boards, chips of a board and fans. */
export type ElphapexFacts = { boards: number; chips: number; fans: number }

const FACTS: readonly [RegExp, ElphapexFacts][] = [
  [/^DG-?1-?Home|^DG-?Home/i, { boards: 4, chips: 120, fans: 4 }],
  [/^DG-?1(?:\+|-?Plus)/i, { boards: 4, chips: 204, fans: 4 }],
  [/^DG-?1$/i, { boards: 4, chips: 144, fans: 4 }],
]

export function elphapexFacts(model: string | null): ElphapexFacts | null {
  return FACTS.find(([pattern]) => pattern.test(model ?? ""))?.[1] ?? null
}

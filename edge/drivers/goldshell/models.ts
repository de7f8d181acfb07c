/** Chips of a board and boards, by what the machine calls itself. */
export type GoldshellFacts = { boards: number; chips: number }

const FACTS: readonly [RegExp, GoldshellFacts][] = [
  [/kd-?max/i, { boards: 3, chips: 84 }],
  [/(?:ck|hs|kd)5/i, { boards: 4, chips: 46 }],
  [/kd-?box-?(?:ii|2)/i, { boards: 1, chips: 36 }],
  [/kd-?box-?pro/i, { boards: 1, chips: 16 }],
  [/mini-?doge(?!.*(?:ii|pro))/i, { boards: 1, chips: 40 }],
]

export function goldshellFacts(model: string | null): GoldshellFacts | null {
  const plain = (model ?? "").replace(/[\s_]+/g, "-")
  return FACTS.find(([pattern]) => pattern.test(plain))?.[1] ?? null
}

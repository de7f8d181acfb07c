/**
 * Boards × chips and fans that a model leaves the factory with; a catalogue, not a reading. 0 fans: hydro or
 * immersion. Keys are the model without "Antminer", blanks and dots, upper case.
 */
export type ModelFacts = { boards: number; chips: number; fans: number }

const FACTS: readonly (readonly [boards: number, chips: number, fans: number, models: string])[] = [
  [3, 60, 4, "D3"],
  [3, 92, 4, "HS3,KA3,KS5,KS5 Pro"],
  [4, 72, 2, "L3+,L3++"],
  [3, 92, 2, "KS3,K7"],
  [3, 72, 2, "DR5"],
  [3, 120, 4, "L7,S19 Pro+,S19j Pro+"],
  [3, 70, 4, "D7"],
  [2, 8, 4, "E9 Pro"],
  [3, 126, 4, "D9,S19j Pro"],
  [3, 63, 2, "S9,S9i,S9j"],
  [3, 54, 2, "T9"],
  [3, 110, 4, "L9,S19 XP,S19j XP"],
  [3, 88, 4, "L11,S19j NoPIC"],
  [3, 3, 2, "Z15"],
  [3, 6, 2, "Z15 Pro"],
  [3, 48, 4, "S17,S17 Pro"],
  [3, 65, 4, "S17+,S21 Pro,S21 Pro+"],
  [3, 135, 4, "S17e"],
  [3, 30, 4, "T17"],
  [3, 44, 4, "T17+"],
  [3, 78, 4, "T17e"],
  [3, 76, 4, "S19,S19L,T19"],
  [3, 114, 4, "S19 Pro,S19j"],
  [3, 80, 4, "S19i,S19+"],
  [3, 72, 4, "S19a"],
  [3, 100, 4, "S19a Pro"],
  [4, 104, 0, "S19 Hyd"],
  [4, 180, 0, "S19 Pro Hyd,S19 Pro+ Hyd"],
  [3, 77, 4, "S19K Pro"],
  [3, 108, 4, "S21,T21"],
  [3, 55, 4, "S21+"],
  [3, 95, 0, "S21+ Hyd"],
  [3, 91, 4, "S21 XP"],
  [3, 216, 0, "S21 Hyd"],
  [3, 160, 0, "S21e XP Hyd"],
]

const key = (model: string) =>
  model
    .replace(/antminer/i, "")
    .replace(/hydro\b/i, "Hyd")
    .replace(/[\s._-]/g, "")
    .toUpperCase()

const CATALOGUE = new Map<string, ModelFacts>(
  FACTS.flatMap(([boards, chips, fans, models]) =>
    models.split(",").map((model): [string, ModelFacts] => [key(model), { boards, chips, fans }]),
  ),
)

const ASKED_MAX = 1_000
/** Names as machines write them: a floor has a handful, and every reading asks for its own. */
const asked = new Map<string, ModelFacts | null>()

/** Null for a model that the catalogue does not know. */
export function antminerFacts(model: string | null): ModelFacts | null {
  if (model === null) return null
  const kept = asked.get(model)
  if (kept !== undefined) return kept
  const facts = CATALOGUE.get(key(model)) ?? null
  if (asked.size < ASKED_MAX) asked.set(model, facts)
  return facts
}
